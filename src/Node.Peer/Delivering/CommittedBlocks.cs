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
    /// <exception cref="LedgerCorruptException">The ledger's own block cannot be read.</exception>
    public static CommittedBlock Read(PeerChannel channel, ulong number)
    {
        if (channel.Commits.TryFindRecent(number, out CommittedBlock? recent))
            return recent;

        string? fault = null;
        if (!channel.Ledger.TryReadBlock(number, out byte[]? bytes)
            || !BlockBytes.TryDecode(bytes, out BlockBytes? block, out fault))
            throw new LedgerCorruptException(
                fault ?? "the block is missing though later ones are there", $"ledger of {channel.Id}", number);

        ReadOnlySpan<byte> codes = block.Slot((int)BlockMetadataIndex.TransactionsFilter).Span;
        ReadOnlySpan<ReadOnlyMemory<byte>> envelopes = block.Envelopes;
        var transactions = new CommittedTransaction[envelopes.Length];
        for (int i = 0; i < transactions.Length; i++)
            transactions[i] = Decode(envelopes[i], (TxValidationCode)codes[i]);

        return new CommittedBlock(number, bytes, transactions);
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
