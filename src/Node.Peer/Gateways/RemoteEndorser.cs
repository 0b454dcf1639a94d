using Grpc.Core;
using Grpc.Net.Client;
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
        EndorseAsync(proposal, cancellationToken);

    public async Task<EndorserAnswer> EndorseAsync(ProposalParts proposal, CancellationToken cancellationToken)
    {
        try
        {
            using AsyncUnaryCall<ProposalResponse> call =
                _client.ProcessProposalAsync(proposal.Signed, new CallOptions(cancellationToken: cancellationToken));
            return EndorserAnswer.From(this, await call.ResponseAsync);
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
}
