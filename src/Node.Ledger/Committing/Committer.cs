using System.Buffers.Binary;
using System.Text;
using Node.Ledger.Blocks;
using Node.Ledger.History;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Ledger.Validation;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Committing;

/// <summary>Turns one judged block after another into one atomic write each.</summary>
/// <remarks>
/// Owned by the ledger's one writer. After an exception of <see cref="Write"/> it must not be used again.
/// </remarks>
internal sealed class Committer : IDisposable
{
    private readonly LedgerDatabase _database;
    private readonly NamespaceTraits _traits;
    private readonly BlockUpdates _updates = new();
    private readonly VersionCheck _versions;
    private readonly WriteApplication _writes;
    private readonly DuplicateCheck _duplicates;
    private readonly CommitHashInput _commitHash = new();
    private readonly StorageBatch _batch;
    private readonly bool _checksVersions;
    private readonly MerkleNode[] _nodes = new MerkleNode[MerkleFrontier.CompletedMax];
    private TxValidationCode[] _codes = [];
    private byte[] _scratch = new byte[1024];

    /// <param name="checksVersions">False takes a transaction's code as valid as it comes, for audits.</param>
    public Committer(LedgerDatabase database, NamespaceTraits traits, bool checksVersions)
    {
        _checksVersions = checksVersions;
        _database = database;
        _batch = database.NewBatch();
        _traits = traits;
        var state = new StateReader(database);
        _versions = new VersionCheck(state, _updates);
        _writes = new WriteApplication(state, _updates, traits);
        _duplicates = new DuplicateCheck(database);
    }

    /// <summary>Decides the final codes and gathers the writes they cause. Nothing is written.</summary>
    public TxValidationCode[] Judge(BlockToCommit block)
    {
        ReadOnlySpan<TransactionVerdict> verdicts = block.Verdicts;
        _updates.Clear();
        _codes = new TxValidationCode[verdicts.Length];
        for (int index = 0; index < verdicts.Length; index++)
            _codes[index] = verdicts[index].Code;

        _duplicates.Apply(verdicts, _codes);
        for (int index = 0; index < verdicts.Length; index++)
        {
            if (_codes[index] == TxValidationCode.Valid)
                _codes[index] = JudgeState(verdicts[index], new StateVersion(block.Block.Number, (uint)index));
        }

        return _codes;
    }

    /// <summary>
    /// Writes the judged block with everything it causes, all or none; synced, and all before it, unless it is
    /// followed.
    /// </summary>
    /// <returns>The tip after it, and the block as it is stored.</returns>
    public (LedgerTip Tip, byte[] Stored) Write(
        BlockToCommit input, LedgerTip tip, Hash32 transactionsRoot, bool storeBlock)
    {
        BlockBytes block = input.Block;
        byte[] filter = new byte[_codes.Length];
        for (int index = 0; index < filter.Length; index++)
            filter[index] = (byte)_codes[index];

        Hash32? commitHash = block.Number == 0 ? null : HashWrites(filter, tip.CommitHash);
        byte[] stored = block.WithVerdicts(filter, commitHash is { } hash ? CommitHashSlot(hash) : []);
        Hash32 leaf = BlockCommitments.ChainLeaf(block.HeaderBytes.Span, transactionsRoot);
        MerkleFrontier chain = tip.Chain.Append(leaf, _nodes, out int completed);
        var next = new LedgerTip(
            block.Number + 1, block.Hash, commitHash, LastConfigOf(input, tip.LastConfigBlock), chain);

        _batch.Clear();
        AddBlock(block, storeBlock ? stored : []);
        TreeStore.Put(_batch, _database, _nodes.AsSpan(0, completed));
        _duplicates.AddTo(_batch, block.Number, _codes);
        AddState();
        AddHistory(input);
        _traits.AddTo(_batch, _database);
        _batch.Put(TipRecord.Key, TipRecord.Encode(next), _database.Meta);
        if (input.IsFollowed)
            _database.WriteUnsynced(_batch, $"commit block {block.Number}");
        else
            _database.Write(_batch, $"commit block {block.Number}");

        return (next, stored);
    }

    /// <summary>Makes all that was written durable.</summary>
    public void Sync(LedgerTip tip)
    {
        // An empty batch might be taken for nothing to do.
        _batch.Clear();
        _batch.Put(TipRecord.Key, TipRecord.Encode(tip), _database.Meta);
        _database.Write(_batch, $"sync block {tip.Height - 1}");
    }

    /// <summary>The namespaces that the judged block writes to.</summary>
    public HashSet<string> NamespacesWritten()
    {
        var namespaces = new HashSet<string>(StringComparer.Ordinal);
        ReadOnlySpan<byte> last = default;
        foreach (ref readonly BlockUpdates.Update update in _updates.All)
        {
            ReadOnlySpan<byte> ns = StateKeys.NamespaceOf(update.Key);
            if (ns.IsEmpty || ns.SequenceEqual(last))
                continue;

            namespaces.Add(Encoding.UTF8.GetString(ns));
            last = ns;
        }

        return namespaces;
    }

    /// <summary>Whether a valid transaction of the judged block carries metadata writes.</summary>
    public bool WritesMetadata(BlockToCommit input)
    {
        for (int index = 0; index < _codes.Length; index++)
        {
            if (_codes[index] == TxValidationCode.Valid
                && input.Verdicts[index].Transaction is { } transaction
                && HasMetadataWrites(transaction.ReadWriteSet))
                return true;
        }

        return false;
    }

    public void Dispose()
    {
        _commitHash.Dispose();
        _batch.Dispose();
    }

    private static bool HasMetadataWrites(DecodedReadWriteSet set)
    {
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            if (ns.MetadataWrites.Count > 0)
                return true;

            foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
            {
                if (collection.MetadataWrites.Count > 0)
                    return true;
            }
        }

        return false;
    }

    private static byte[] CommitHashSlot(Hash32 hash)
    {
        // common.Metadata with its field 1.
        byte[] slot = new byte[WireSizes.OfBytes(field: 1, Hash32.Bytes)];
        var writer = new WireWriter(slot);
        writer.Bytes(field: 1, hash.AsSpan());
        return slot;
    }

    private TxValidationCode JudgeState(in TransactionVerdict verdict, StateVersion version)
    {
        DecodedEnvelope? envelope = verdict.Envelope;
        Invariant.Require(envelope is not null, "what cannot be decoded is not valid");
        if (envelope.Type == HeaderType.Config)
        {
            _writes.ApplyConfig(envelope.Data, version);
            return TxValidationCode.Valid;
        }

        if (verdict.Transaction is not { } transaction)
            return TxValidationCode.NilTxaction;

        TxValidationCode code = _checksVersions
            ? _versions.Judge(transaction.ReadWriteSet)
            : TxValidationCode.Valid;
        if (code == TxValidationCode.Valid)
            _writes.Apply(transaction.ReadWriteSet, version);

        return code;
    }

    private Hash32 HashWrites(ReadOnlySpan<byte> filter, Hash32? previous)
    {
        _commitHash.Begin(filter);
        ReadOnlySpan<BlockUpdates.Update> updates = _updates.All;
        foreach (int index in _updates.InNameOrder())
        {
            ref readonly BlockUpdates.Update update = ref updates[index];
            _commitHash.Add(
                StateKeys.NamespaceOf(update.Key),
                StateKeys.CollectionOf(update.Key),
                StateKeys.KeyOf(update.Key),
                update.IsDelete,
                update.Value.Span,
                update.Version);
        }

        return _commitHash.Finish(previous);
    }

    private ulong LastConfigOf(BlockToCommit input, ulong last)
    {
        for (int index = 0; index < _codes.Length; index++)
        {
            if (_codes[index] == TxValidationCode.Valid && input.Verdicts[index].Envelope?.Type == HeaderType.Config)
                return input.Block.Number;
        }

        return last;
    }

    private void AddBlock(BlockBytes block, ReadOnlySpan<byte> stored)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, block.Number);
        _batch.Put(block.Hash.AsSpan(), number, _database.Hashes);
        if (!stored.IsEmpty)
            _batch.Put(number, stored, _database.Blocks);
    }

    private void AddState()
    {
        foreach (ref readonly BlockUpdates.Update update in _updates.All)
        {
            if (update.IsDelete)
            {
                _batch.Delete(update.Key, _database.State);
                continue;
            }

            Span<byte> head = Scratch(StateRecords.HeadSize(update.Metadata.Length));
            StateRecords.WriteHead(update.Version, update.Metadata.Span, head);
            _batch.Putv(update.Key, head, update.Value.Span, _database.State);
        }
    }

    // Each public write has its own entry, also where a later transaction of the block wrote the key again.
    private void AddHistory(BlockToCommit input)
    {
        Span<byte> head = stackalloc byte[HistoryRecords.HeadBytes];
        for (int index = 0; index < _codes.Length; index++)
        {
            if (_codes[index] != TxValidationCode.Valid || input.Verdicts[index].Transaction is not { } transaction)
                continue;

            bool hasId = TransactionIndex.TryParse(transaction.Envelope.TxIdUtf8.Span, out Hash32 id);
            Invariant.Require(hasId, "a valid transaction has the id of its nonce and creator");
            WireTimestamp timestamp = transaction.Envelope.Timestamp ?? default;
            var version = new StateVersion(input.Block.Number, (uint)index);
            DecodedReadWriteSet set = transaction.ReadWriteSet;
            foreach (ref readonly DecodedNamespace ns in set.Namespaces)
            {
                foreach (ref readonly DecodedWrite write in set.Writes(ns.Writes))
                {
                    HistoryRecords.WriteHead(write.IsDelete, id, timestamp, head);
                    AddHistory(set.Of(ns.Name), set.Of(write.Key), version, head, ValueOf(set, write));
                }
            }
        }
    }

    private static ReadOnlySpan<byte> ValueOf(DecodedReadWriteSet set, in DecodedWrite write) =>
        write.IsDelete ? [] : set.Of(write.Value);

    private void AddHistory(
        ReadOnlySpan<byte> ns,
        ReadOnlySpan<byte> key,
        StateVersion version,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> value)
    {
        Span<byte> encoded = Scratch(HistoryKeys.SizeOf(ns, key));
        HistoryKeys.Encode(ns, key, version, encoded);
        _batch.Putv(encoded, head, value, _database.History);
    }

    private Span<byte> Scratch(int size)
    {
        if (_scratch.Length < size)
            _scratch = new byte[size];

        return _scratch.AsSpan(0, size);
    }
}
