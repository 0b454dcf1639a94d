using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Endorsing;

/// <summary>A proposal that may be simulated: well formed, in time, signed by a member, not seen before.</summary>
/// <param name="Channel">Null for a call outside of any channel, which only system contracts answer.</param>
internal sealed record AdmittedProposal(
    DecodedProposal Proposal, TxId TxId, DateTimeOffset Timestamp, Identity Creator, PeerChannel? Channel)
{
    /// <summary>The first argument as text; bytes that are no UTF-8 show as U+FFFD.</summary>
    public string Function { get; } = System.Text.Encoding.UTF8.GetString(Proposal.Arguments[0].Span);

    /// <summary>What follows the function.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; } =
        Proposal.Arguments.Count > 1 ? [.. Proposal.Arguments.Skip(1)] : [];
}
