using Node.Ledger.Blocks;
using Node.Ledger.History;
using Node.Ledger.Snapshots;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.Auditing;

/// <summary>
/// Gives a replay the ledger as it was before its first whole block: of a pruned one, or one that began in a snapshot.
/// </summary>
/// <remarks>
/// The outlines before it are checked as a chain, with their orderers' signatures, and hashes and chain tree are made
/// from them. State, history and transaction ids of that time are taken from the ledger itself, and held against each
/// other: no block is there any more that would give them.
/// </remarks>
internal sealed class ReplayStart(LedgerDatabase stored, LedgerDatabase replayed, ulong held, IBlockAuthority authority)
{
    private const string Operation = "begin the replay";
    private const int BatchRecordsMax = 4096;

    private readonly StorageBatch _batch = replayed.NewBatch();
    private int _batchRecords;

    /// <summary>Outlines found good.</summary>
    public ulong BlocksChecked { get; private set; }

    /// <returns>Null when all agrees; then <paramref name="tip"/> is that before the first whole block.</returns>
    public AuditFault? Run(Action<ulong> checkedBlocks, out LedgerTip tip)
    {
        using (_batch)
        {
            NamespaceTraits traits = NamespaceTraits.Load(stored);
            AuditFault? fault = CheckOutlines(checkedBlocks, out tip) ?? CopyState(traits) ?? CopyHistory();
            if (fault is not null)
                return fault;

            CopyTransactions();
            CopyMeta();
            Flush();
            return null;
        }
    }

    private AuditFault? CheckOutlines(Action<ulong> checkedBlocks, out LedgerTip tip)
    {
        var chain = new SnapshotChain(replayed, height: ulong.MaxValue, authority);
        for (ulong number = 0; number < held; number++)
        {
            BlockBytes block = TipCheck.ReadBlock(stored, number);
            if (chain.Add(block, _batch) is { } fault)
            {
                tip = chain.Tip;
                return new AuditFault(number, fault);
            }

            BlocksChecked = number + 1;
            checkedBlocks(BlocksChecked);
            CountRecord();
        }

        tip = chain.Tip;
        return null;
    }

    // A record that a whole block wrote gets a version that no replay gives: it must be written again.
    private AuditFault? CopyState(NamespaceTraits traits)
    {
        using StorageIterator records = stored.NewIterator(stored.State, Operation);
        for (records.SeekToFirst(); records.Valid(); records.Next())
        {
            ReadOnlySpan<byte> key = records.GetKeySpan();
            byte[] value = records.GetValueSpan().ToArray();
            if (!StateKeys.IsWellFormed(key) || !StateRecords.TryRead(value, out StateValue record))
                return new AuditFault(Block: null, $"the state record of key {Convert.ToHexStringLower(key)}");

            if (record.Version.Block >= held)
                StateRecords.WriteVersion(default, value);
            else if (FaultAgainstHistory(key, record, traits) is { } fault)
                return new AuditFault(record.Version.Block, fault);

            Put(key, value, replayed.State);
        }

        records.CheckError(Operation);
        return null;
    }

    private string? FaultAgainstHistory(ReadOnlySpan<byte> key, StateValue record, NamespaceTraits traits)
    {
        ReadOnlySpan<byte> ns = StateKeys.NamespaceOf(key);
        if (ns.IsEmpty || !StateKeys.CollectionOf(key).IsEmpty)
            return null;   // The configuration and private values have no history.

        // A write of metadata alone gives a version and no history; the value is then that of the entry before.
        bool mayBeOlder = traits.HasMetadata(ns);
        return NewestEntry(ns, StateKeys.KeyOf(key), record.Version) is { } write
            && (mayBeOlder || write.Version == record.Version)
            && !write.IsDelete
            && write.Value.Span.SequenceEqual(record.Value.Span)
            ? null
            : $"the state record of key {Convert.ToHexStringLower(key)} differs from its history";
    }

    private HistoryRecord? NewestEntry(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, StateVersion atMost)
    {
        byte[] first = new byte[HistoryKeys.SizeOf(ns, key)];
        HistoryKeys.Encode(ns, key, default, first);
        byte[] behind = new byte[first.Length + 1];   // The first key behind the entry of this version.
        HistoryKeys.Encode(ns, key, atMost, behind);
        using StorageIterator entries = stored.NewIterator(stored.History, first, behind, snapshot: null, Operation);
        entries.SeekToLast();
        if (!entries.Valid())
        {
            entries.CheckError(Operation);
            return null;
        }

        StateVersion version = HistoryKeys.VersionOf(entries.GetKeySpan());
        return HistoryRecords.TryRead(version, entries.GetValueSpan().ToArray(), out HistoryRecord entry)
            ? entry
            : null;
    }

    // What whole blocks changed or deleted must be there as it was, since metadata writes read it.
    private AuditFault? CopyHistory()
    {
        using StorageIterator entries = stored.NewIterator(stored.History, Operation);
        byte[] last = [];
        byte[] lastValue = [];
        for (entries.SeekToFirst(); entries.Valid(); entries.Next())
        {
            ReadOnlySpan<byte> key = entries.GetKeySpan();
            if (!HistoryKeys.IsWellFormed(key))
                return new AuditFault(Block: null, $"the history key {Convert.ToHexStringLower(key)}");
            if (HistoryKeys.VersionOf(key).Block >= held)
                continue;
            if (last.Length > 0
                && !HistoryKeys.IsSameKey(last, key)
                && RestoreState(last, lastValue) is { } fault)
                return fault;

            last = key.ToArray();
            lastValue = entries.GetValueSpan().ToArray();
            Put(last, lastValue, replayed.History);
        }

        entries.CheckError(Operation);
        return last.Length > 0 ? RestoreState(last, lastValue) : null;
    }

    private AuditFault? RestoreState(byte[] historyKey, byte[] historyValue)
    {
        StateVersion version = HistoryKeys.VersionOf(historyKey);
        if (!HistoryRecords.TryRead(version, historyValue, out HistoryRecord write))
            return new AuditFault(version.Block, "a history entry cannot be read");

        byte[] stateKey = StateKeys.Encode(
            HistoryKeys.NamespaceOf(historyKey), collection: [], HistoryKeys.KeyOf(historyKey));
        StateValue now = default;
        bool isThere = stored.Get(stateKey, stored.State, Operation) is { } record
            && StateRecords.TryRead(record, out now);
        if (isThere && now.Version.Block < held)
        {
            bool isOlder = now.Version.CompareTo(version) < 0;
            return isOlder
                ? new AuditFault(
                    version.Block, $"the state record of key {Convert.ToHexStringLower(stateKey)} is older than its "
                        + "history")
                : null;
        }

        if (write.IsDelete)
        {
            _batch.Delete(stateKey, replayed.State);
            CountRecord();
            return null;
        }

        byte[] head = new byte[StateRecords.HeadSize(now.Metadata.Length)];
        StateRecords.WriteHead(version, now.Metadata.Span, head);
        Put(stateKey, [.. head, .. write.Value.Span], replayed.State);
        return null;
    }

    private void CopyTransactions()
    {
        using StorageIterator entries = stored.NewIterator(stored.TxIds, Operation);
        for (entries.SeekToFirst(); entries.Valid(); entries.Next())
        {
            if (TransactionIndex.TryReadBlock(entries.GetKeySpan(), entries.GetValueSpan(), out ulong block)
                && block < held)
                Put(entries.GetKeySpan(), entries.GetValueSpan(), replayed.TxIds);
        }

        entries.CheckError(Operation);
    }

    // All but the savepoint, which the replay writes.
    private void CopyMeta()
    {
        using StorageIterator records = stored.NewIterator(stored.Meta, Operation);
        for (records.SeekToFirst(); records.Valid(); records.Next())
        {
            if (!records.GetKeySpan().SequenceEqual(TipRecord.Key))
                Put(records.GetKeySpan(), records.GetValueSpan(), replayed.Meta);
        }

        records.CheckError(Operation);
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StorageFamily family)
    {
        _batch.Put(key, value, family);
        CountRecord();
    }

    private void CountRecord()
    {
        if (++_batchRecords == BatchRecordsMax)
            Flush();
    }

    private void Flush()
    {
        replayed.Write(_batch, Operation);
        _batch.Clear();
        _batchRecords = 0;
    }
}
