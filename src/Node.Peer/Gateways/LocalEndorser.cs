using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Gateways;

/// <summary>
/// This peer's own endorser, called in process: no connection, and the proposal is not decoded again.
/// </summary>
internal sealed class LocalEndorser(PeerNode node, Endorsing.Endorser endorser) : IEndorsingPeer
{
    public string Address => node.Address;

    public string MspId => node.MspId.Value;

    public Task<EndorserAnswer> EndorseAsync(
        ProposalParts proposal, ulong? atHeight, CancellationToken cancellationToken) => atHeight is { } height
            ? EndorseAtAsync(proposal, height, cancellationToken)
            : Task.FromResult(Ask(proposal, isEndorsed: true, cancellationToken));

    public Task<EndorserAnswer> EvaluateAsync(ProposalParts proposal, CancellationToken cancellationToken) =>
        Task.FromResult(Ask(proposal, isEndorsed: false, cancellationToken));

    // Simulation runs on the caller's thread: a gateway call has nothing else to do meanwhile.
    private EndorserAnswer Ask(ProposalParts proposal, bool isEndorsed, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> signature = proposal.Signed.Signature.Memory;
        try
        {
            return EndorserAnswer.From(this, isEndorsed
                ? endorser.Endorse(proposal.Decoded, signature, cancellationToken)
                : endorser.Evaluate(proposal.Decoded, signature, cancellationToken));
        }
        catch (Exception e) when (e is OverloadedException or StorageFailedException)
        {
            return EndorserAnswer.Unreachable(this, e.Message);
        }
    }

    private async Task<EndorserAnswer> EndorseAtAsync(
        ProposalParts proposal, ulong height, CancellationToken cancellationToken)
    {
        try
        {
            return EndorserAnswer.From(this, await endorser.EndorseAtAsync(
                proposal.Decoded, proposal.Signed.Signature.Memory, height, cancellationToken));
        }
        catch (Exception e) when (e is OverloadedException or StorageFailedException)
        {
            return EndorserAnswer.Unreachable(this, e.Message);
        }
    }
}
