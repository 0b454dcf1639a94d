using System.Diagnostics.CodeAnalysis;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Delivering;

/// <summary>
/// Committed blocks for those who follow a channel: the latest from memory, older ones from the ledger.
/// </summary>
internal static class CommittedBlocks
{
    /// <param name="number">Below the channel's height.</param>
    /// <returns>False when its body is not held here any more.</returns>
    /// <exception cref="LedgerCorruptException">The ledger's own block cannot be read.</exception>
    public static bool TryRead(PeerChannel channel, ulong number, [NotNullWhen(true)] out CommittedBlock? block)
    {
        if (channel.Commits.TryFindRecent(number, out block))
            return true;

        string? fault = null;
        if (!channel.Ledger.TryReadBlock(number, out byte[]? bytes)
            || !BlockBytes.TryDecode(bytes, out BlockBytes? stored, out fault))
        {
            return fault is null && channel.Ledger.IsPruned(number)
                ? false
                : throw new LedgerCorruptException(
                    fault ?? "the block is missing though later ones are there", $"ledger of {channel.Id}", number);
        }

        ReadOnlySpan<byte> codes = stored.Slot((int)BlockMetadataIndex.TransactionsFilter).Span;
        ReadOnlySpan<ReadOnlyMemory<byte>> envelopes = stored.Envelopes;
        var transactions = new CommittedTransaction[envelopes.Length];
        for (int i = 0; i < transactions.Length; i++)
            transactions[i] = Decode(envelopes[i], (TxValidationCode)codes[i]);

        block = new CommittedBlock(number, bytes, transactions);
        return true;
    }

    /// <summary>Of a block that is held in any case, because it is among the newest.</summary>
    /// <inheritdoc cref="TryRead"/>
    public static CommittedBlock Read(PeerChannel channel, ulong number)
    {
        bool isHeld = TryRead(channel, number, out CommittedBlock? block);
        Invariant.Require(isHeld && block is not null, "a prune leaves the newest blocks");
        return block;
    }

    private static CommittedTransaction Decode(ReadOnlyMemory<byte> bytes, TxValidationCode code)
    {
        DecodedTransaction? transaction = null;
        if (DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out _)
            && envelope.Type == HeaderType.EndorserTransaction)
            DecodedTransaction.TryDecode(envelope, out transaction, out _);

        return CommittedTransaction.From(envelope, transaction, code);
    }
}
