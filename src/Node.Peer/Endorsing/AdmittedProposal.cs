using System.Text;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Peer.Endorsing;

/// <summary>A proposal that may be simulated: well formed, in time, signed by a member, not seen before.</summary>
/// <param name="Channel">Null for a call outside of any channel, which only system contracts answer.</param>
internal sealed record AdmittedProposal(
    DecodedProposal Proposal, TxId TxId, DateTimeOffset Timestamp, Identity Creator, PeerChannel? Channel)
{
    private static readonly Dictionary<string, ReadOnlyMemory<byte>> s_noTransient = new(StringComparer.Ordinal);

    /// <summary>The first argument as text; bytes that are no UTF-8 show as U+FFFD.</summary>
    public string Function { get; } =
        Encoding.UTF8.GetString(Proposal.MemoryOf(Proposal.Arguments[0]).Span);

    /// <summary>What follows the function.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; } = ArgumentsOf(Proposal);

    /// <summary>The private inputs by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; } = TransientOf(Proposal);

    private static ReadOnlyMemory<byte>[] ArgumentsOf(DecodedProposal proposal)
    {
        ReadOnlySpan<Slice> slices = proposal.Arguments[1..];
        if (slices.IsEmpty)
            return [];

        var arguments = new ReadOnlyMemory<byte>[slices.Length];
        for (int i = 0; i < slices.Length; i++)
            arguments[i] = proposal.MemoryOf(slices[i]);

        return arguments;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> TransientOf(DecodedProposal proposal)
    {
        if (proposal.Transient.IsEmpty)
            return s_noTransient;

        var transient = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (DecodedTransient input in proposal.Transient)
            transient[Encoding.UTF8.GetString(proposal.MemoryOf(input.Name).Span)] = proposal.MemoryOf(input.Value);

        return transient;
    }
}
