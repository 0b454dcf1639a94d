using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Protocol;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Peer;
using EndorserClient = Node.Protocol.Wire.Peer.Endorser.EndorserClient;

namespace Node.Peer.Gateways;

/// <summary>Another organisation's peer, or another peer of our own, reached over one kept connection.</summary>
internal sealed class RemoteEndorser(string address, string mspId, GrpcChannel channel) : IEndorsingPeer
{
    private readonly EndorserClient _client = new(channel);

    public string Address => address;

    public string MspId => mspId;

    public Task<EndorserAnswer> EvaluateAsync(ProposalParts proposal, CancellationToken cancellationToken) =>
        EndorseAsync(proposal, atHeight: null, cancellationToken);

    public async Task<EndorserAnswer> EndorseAsync(
        ProposalParts proposal, ulong? atHeight, CancellationToken cancellationToken)
    {
        try
        {
            using AsyncUnaryCall<ProposalResponse> call = _client.ProcessProposalAsync(
                proposal.Signed, new CallOptions(HeadersOf(atHeight), cancellationToken: cancellationToken));
            ProposalResponse response = await call.ResponseAsync;
            return EndorserAnswer.From(this, response, atHeight is null ? null : HeightOf(call.GetTrailers()));
        }
        catch (RpcException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unknown or StatusCode.InvalidArgument)
        {
            // What an endorser answers to a proposal that it does not admit.
            return new EndorserAnswer(this, Response: null, e.Status.Detail, Retriable: false);
        }
        catch (RpcException e)
        {
            return EndorserAnswer.Unreachable(this, e.Status.Detail);
        }
    }

    private static Metadata? HeadersOf(ulong? atHeight)
    {
        string? trace = TransactionTrace.HeaderOfCall;
        if (atHeight is null && trace is null)
            return null;

        var headers = new Metadata();
        if (atHeight is { } height)
            headers.Add(EndorseHeaders.AtHeight, height.ToString(CultureInfo.InvariantCulture));
        if (trace is not null)
            headers.Add(TransactionTrace.Header, trace);

        return headers;
    }

    // A Fabric peer does not know the question.
    private static ulong? HeightOf(Metadata trailers) => ulong.TryParse(
        trailers.GetValue(EndorseHeaders.Height), NumberStyles.None, CultureInfo.InvariantCulture, out ulong height)
            ? height
            : null;
}
