using Node.Peer.Endorsing;
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
        Ask(() => endorser.Endorse(proposal, cancellationToken));

    public Task<EndorserAnswer> EvaluateAsync(SignedProposal proposal, CancellationToken cancellationToken) =>
        Ask(() => endorser.Evaluate(proposal, cancellationToken));

    // Simulation runs on the caller's thread: a gateway call has nothing else to do meanwhile.
    private Task<EndorserAnswer> Ask(Func<EndorseOutcome> endorse)
    {
        try
        {
            return Task.FromResult(EndorserAnswer.From(this, endorse()));
        }
        catch (OverloadedException e)
        {
            return Task.FromResult(EndorserAnswer.Unreachable(this, e.Message));
        }
    }
}
