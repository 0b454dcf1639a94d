using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Primitives;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Peer;
using EndorserBase = Node.Protocol.Wire.Peer.Endorser.EndorserBase;

namespace Node.Peer.Endorsing;

/// <summary>The wire face of <see cref="Endorser"/>. Translates; decides nothing.</summary>
internal sealed class EndorserService(Endorser endorser) : EndorserBase
{
    /// <summary>
    /// Simulates a proposal on this peer's world state and signs the result. With
    /// <see cref="EndorseHeaders.AtHeight"/>, on a state of that height at least, and tells which.
    /// </summary>
    /// <returns>An endorsement, or the contract's refusal. A refusal is an answer, so its gRPC status is OK.</returns>
    /// <exception cref="RpcException">
    /// <c>UNKNOWN</c>: the proposal is malformed, badly signed, out of time, replayed or not admitted; do not retry.
    /// <c>RESOURCE_EXHAUSTED</c>: this peer is full, try another. <c>INVALID_ARGUMENT</c>: the header is no height.
    /// </exception>
    public override Task<ProposalResponse> ProcessProposal(SignedProposal request, ServerCallContext context) =>
        TransactionTrace.IsOn ? TracedAsync(request, context) : EndorseAsync(request, context);

    private async Task<ProposalResponse> TracedAsync(SignedProposal request, ServerCallContext context)
    {
        string? header = context.RequestHeaders.GetValue(TransactionTrace.Header);
        using Activity? span = ProposalAdmission.TryDecode(request, out DecodedProposal? proposal, out _)
            ? TransactionTrace.StartServed("endorser.process_proposal", proposal.TxId, header)
            : null;
        return await EndorseAsync(request, context);
    }

    private Task<ProposalResponse> EndorseAsync(SignedProposal request, ServerCallContext context) =>
        context.GetHttpContext().Request.Headers.TryGetValue(EndorseHeaders.AtHeight, out StringValues height)
            ? EndorseAtAsync(request, height.ToString(), context)
            : Task.FromResult(ResponseOf(endorser.Endorse(request, context.CancellationToken)));

    private async Task<ProposalResponse> EndorseAtAsync(
        SignedProposal request, string height, ServerCallContext context)
    {
        if (!ulong.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out ulong atHeight))
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"{EndorseHeaders.AtHeight} is a decimal count of blocks, not '{height}'"));

        EndorseOutcome outcome = ProposalAdmission.TryDecode(
            request, out DecodedProposal? proposal, out string? fault)
            ? await endorser.EndorseAtAsync(
                proposal, request.Signature.Memory, atHeight, context.CancellationToken)
            : EndorseOutcome.Rejected(fault);
        if (outcome.Height is { } seen)
            context.ResponseTrailers.Add(EndorseHeaders.Height, seen.ToString(CultureInfo.InvariantCulture));

        return ResponseOf(outcome);
    }

    // UNKNOWN is what Fabric's endorser gives for every rejection, and what its clients know.
    private static ProposalResponse ResponseOf(EndorseOutcome outcome) => outcome.Response
        ?? throw new RpcException(new Status(StatusCode.Unknown, outcome.Rejection ?? ""));
}
