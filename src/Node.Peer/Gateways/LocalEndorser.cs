using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>This peer's own endorser, called in process: no connection, no copy of the proposal.</summary>
internal sealed class LocalEndorser(PeerNode node, Endorsing.Endorser endorser) : IEndorsingPeer
{
    public string Address => node.Address;

    public string MspId => node.MspId.Value;

    public Task<EndorserAnswer> EndorseAsync(SignedProposal proposal, CancellationToken cancellationToken) =>
        Task.FromResult(Ask(proposal, isEndorsed: true, cancellationToken));

    public Task<EndorserAnswer> EvaluateAsync(SignedProposal proposal, CancellationToken cancellationToken) =>
        Task.FromResult(Ask(proposal, isEndorsed: false, cancellationToken));

    // Simulation runs on the caller's thread: a gateway call has nothing else to do meanwhile.
    private EndorserAnswer Ask(SignedProposal proposal, bool isEndorsed, CancellationToken cancellationToken)
    {
        try
        {
            return EndorserAnswer.From(this, isEndorsed
                ? endorser.Endorse(proposal, cancellationToken)
                : endorser.Evaluate(proposal, cancellationToken));
        }
        catch (Exception e) when (e is OverloadedException or StorageFailedException)
        {
            return EndorserAnswer.Unreachable(this, e.Message);
        }
    }
}
