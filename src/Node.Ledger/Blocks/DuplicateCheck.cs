using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Blocks;

/// <summary>
/// Finds transactions whose id was used before, on the ledger or in the same block, and indexes the others.
/// </summary>
/// <remarks>Owned by one committer; reused from block to block.</remarks>
internal sealed class DuplicateCheck(LedgerDatabase database)
{
    private readonly List<Entry> _entries = [];
    private readonly HashSet<Hash32> _provenHere = [];
    private readonly HashSet<Hash32> _validHere = [];
    private readonly Dictionary<Hash32, int> _indexedHere = [];   // Id to its place in _entries.

    /// <summary>Turns the codes of duplicates into DUPLICATE_TXID.</summary>
    /// <param name="codes">The stage-1 codes; changed in place.</param>
    public void Apply(ReadOnlySpan<TransactionVerdict> verdicts, Span<TxValidationCode> codes)
    {
        _entries.Clear();
        _provenHere.Clear();
        _validHere.Clear();
        _indexedHere.Clear();
        for (int index = 0; index < verdicts.Length; index++)
        {
            ref readonly TransactionVerdict verdict = ref verdicts[index];
            if (!TryIdOf(verdict, out Hash32 id))
                continue;

            bool isOnLedger = TransactionIndex.TryFind(database, id, out _, out bool isProvenOnLedger);
            if (verdict.ReachedDuplicateCheck && (isProvenOnLedger || _validHere.Contains(id)))
                codes[index] = TxValidationCode.DuplicateTxid;
            else if (codes[index] == TxValidationCode.Valid && verdict.ReachedDuplicateCheck)
                _validHere.Add(id);

            Index(id, index, verdict.ReachedDuplicateCheck, isOnLedger, isProvenOnLedger);
        }
    }

    /// <summary>Adds the block's new ids to the batch, with their final codes.</summary>
    public void AddTo(StorageBatch batch, ulong block, ReadOnlySpan<TxValidationCode> codes)
    {
        foreach (Entry entry in _entries)
        {
            var position = new TransactionPosition(block, (uint)entry.Index, codes[entry.Index]);
            TransactionIndex.Put(batch, database, entry.Id, position, entry.IsProven);
        }
    }

    private void Index(Hash32 id, int index, bool isProven, bool isOnLedger, bool isProvenOnLedger)
    {
        // Whoever proved the id first has it; an unproven one stands in only while nobody else is there.
        if (isProvenOnLedger || (isProven ? !_provenHere.Add(id) : isOnLedger))
            return;

        var entry = new Entry(id, index, isProven);
        if (_indexedHere.TryGetValue(id, out int at))
        {
            if (isProven)
                _entries[at] = entry;

            return;
        }

        _indexedHere.Add(id, _entries.Count);
        _entries.Add(entry);
    }

    // A configuration transaction names no id of its own; its nonce and creator give one all the same.
    private static bool TryIdOf(in TransactionVerdict verdict, out Hash32 id)
    {
        id = default;
        if (verdict.Envelope is not { } envelope)
            return false;
        if (TransactionIndex.TryParse(envelope.TxIdUtf8.Span, out id))
            return true;
        if (envelope.Type != HeaderType.Config || envelope.TxIdUtf8.Length > 0)
            return false;

        id = Hash32.Of(envelope.Nonce.Span, envelope.Creator.Span);
        return true;
    }

    private readonly record struct Entry(Hash32 Id, int Index, bool IsProven);
}
