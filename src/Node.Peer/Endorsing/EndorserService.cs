using Grpc.Core;
using Node.Protocol.Wire.Peer;
using EndorserBase = Node.Protocol.Wire.Peer.Endorser.EndorserBase;

namespace Node.Peer.Endorsing;

/// <summary>The wire face of <see cref="Endorser"/>. Translates; decides nothing.</summary>
internal sealed class EndorserService(Endorser endorser) : EndorserBase
{
    /// <summary>Simulates a proposal on this peer's world state and signs the result.</summary>
    /// <returns>An endorsement, or the contract's refusal. A refusal is an answer, so its gRPC status is OK.</returns>
    /// <exception cref="RpcException">
    /// <c>UNKNOWN</c>: the proposal is malformed, badly signed, out of time, replayed or not admitted; do not retry.
    /// <c>RESOURCE_EXHAUSTED</c>: this peer is full, try another.
    /// </exception>
    public override Task<ProposalResponse> ProcessProposal(SignedProposal request, ServerCallContext context)
    {
        EndorseOutcome outcome = endorser.Endorse(request, context.CancellationToken);

        // UNKNOWN is what Fabric's endorser gives for every rejection, and what its clients know.
        return outcome.Response is { } response
            ? Task.FromResult(response)
            : throw new RpcException(new Status(StatusCode.Unknown, outcome.Rejection ?? ""));
    }
}
