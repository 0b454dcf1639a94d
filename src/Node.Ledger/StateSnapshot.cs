using System.Text;
using Node.Ledger.History;
using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger;

/// <summary>World state and history as they were after one block, whatever is committed meanwhile.</summary>
/// <remarks>
/// Any thread; sequences are lazy and belong to one thread. The engine keeps what a snapshot may need, so dispose it
/// soon.
/// Keys are ordered by their bytes of UTF-8. Storage that fails throws a <see cref="NodeException"/>.
/// </remarks>
public sealed class StateSnapshot : IDisposable
{
    private const string Operation = "read the world state";

    private readonly SnapshotCore _core;
    private int _disposed;

    internal StateSnapshot(SnapshotCore core) => _core = core;

    /// <summary>Count of the blocks whose writes are seen.</summary>
    public ulong Height => _core.Height;

    private LedgerDatabase Database => _core.Database;

    /// <summary>Reads a public key.</summary>
    public bool TryGet(string ns, string key, out StateValue value)
    {
        value = default;
        return StateKeys.TryEncode(ns, key, out byte[] stateKey) && TryGet(stateKey, out value);
    }

    /// <summary>As above, for names that are bytes already.</summary>
    public bool TryGet(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, out StateValue value)
    {
        value = default;
        return StateKeys.Exist(ns, collection: [])
            && TryGet(StateKeys.Encode(ns, collection: [], key), out value);
    }

    /// <summary>Reads what everybody knows of a private key: the hash of its value.</summary>
    public bool TryGetHash(string ns, string collection, Hash32 keyHash, out StateValue value) =>
        TryGetHash(Encoding.UTF8.GetBytes(ns), Encoding.UTF8.GetBytes(collection), keyHash, out value);

    /// <inheritdoc cref="TryGetHash(string, string, Hash32, out StateValue)"/>
    public bool TryGetHash(
        ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, Hash32 keyHash, out StateValue value)
    {
        value = default;
        return !collection.IsEmpty
            && StateKeys.Exist(ns, collection)
            && TryGet(StateKeys.Encode(ns, collection, keyHash.AsSpan()), out value);
    }

    /// <summary>The public keys from start, included, to end, excluded.</summary>
    /// <param name="startKey">Empty: from the first key, composite ones included.</param>
    /// <param name="endKey">Empty: to the last key.</param>
    public IEnumerable<StateRecord> Range(string ns, string startKey, string endKey)
    {
        RequireLive();
        byte[] name = Encoding.UTF8.GetBytes(ns);
        if (!StateKeys.Exist(name, collection: []))
            return [];

        byte[] start = StateKeys.Encode(name, collection: [], Encoding.UTF8.GetBytes(startKey));
        byte[] end = endKey.Length == 0
            ? StateKeys.BehindPublic(name)
            : StateKeys.Encode(name, collection: [], Encoding.UTF8.GetBytes(endKey));
        return start.AsSpan().SequenceCompareTo(end) < 0 ? Scan(start, end) : [];
    }

    /// <summary>The committed writes of a public key, deletes included.</summary>
    /// <param name="newestFirst">Else oldest first.</param>
    /// <param name="after">Start behind this version, in the direction asked for. Null: from the beginning.</param>
    public IEnumerable<HistoryRecord> History(string ns, string key, bool newestFirst, StateVersion? after)
    {
        RequireLive();
        return HistoryKeys.TryPrefix(ns, key, out byte[] prefix) ? ScanHistory(prefix, newestFirst, after) : [];
    }

    /// <summary>What the transaction at this version wrote to the key.</summary>
    public bool TryGetHistoryAt(string ns, string key, StateVersion version, out HistoryRecord entry)
    {
        RequireLive();
        entry = default;
        if (!HistoryKeys.TryPrefix(ns, key, out byte[] prefix))
            return false;

        using StoredValue value = Database.GetPinned(
            HistoryKeys.At(prefix, version), Database.History, _core.Snapshot, "read history");
        if (!value.Found)
            return false;

        entry = ReadHistory(version, value.Bytes);
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _core.Release();
    }

    private bool TryGet(ReadOnlySpan<byte> stateKey, out StateValue value)
    {
        RequireLive();
        using StoredValue pinned = Database.GetPinned(stateKey, Database.State, _core.Snapshot, Operation);
        value = pinned.Found ? Read(stateKey, pinned.Bytes) : default;
        return pinned.Found;
    }

    private IEnumerable<StateRecord> Scan(byte[] start, byte[] end)
    {
        using StorageIterator iterator =
            Database.NewIterator(Database.State, start, end, _core.Snapshot, Operation);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            yield return ReadRecord(iterator);
            RequireLive();
        }

        iterator.CheckError(Operation);
    }

    private StateRecord ReadRecord(StorageIterator iterator)
    {
        ReadOnlySpan<byte> stateKey = iterator.GetKeySpan();
        string key = Encoding.UTF8.GetString(StateKeys.KeyOf(stateKey));
        return new StateRecord(key, Read(stateKey, iterator.GetValueSpan()));
    }

    private IEnumerable<HistoryRecord> ScanHistory(byte[] prefix, bool newestFirst, StateVersion? after)
    {
        byte[] lower = prefix;
        byte[] upper = [.. HistoryKeys.At(prefix, new StateVersion(ulong.MaxValue, uint.MaxValue)), 0];
        if (after is { } version)
        {
            if (newestFirst)
                upper = HistoryKeys.At(prefix, version);
            else
                lower = [.. HistoryKeys.At(prefix, version), 0];
        }

        using StorageIterator iterator =
            Database.NewIterator(Database.History, lower, upper, _core.Snapshot, "read history");
        for (Start(iterator, newestFirst); iterator.Valid(); Move(iterator, newestFirst))
        {
            yield return ReadHistory(HistoryKeys.VersionOf(iterator.GetKeySpan()), iterator.GetValueSpan());
            RequireLive();
        }

        iterator.CheckError("read history");

        static void Start(StorageIterator at, bool fromEnd)
        {
            if (fromEnd)
                at.SeekToLast();
            else
                at.SeekToFirst();
        }

        static void Move(StorageIterator at, bool backward)
        {
            if (backward)
                at.Prev();
            else
                at.Next();
        }
    }

    private StateValue Read(ReadOnlySpan<byte> stateKey, ReadOnlySpan<byte> record) =>
        StateRecords.TryRead(record.ToArray(), out StateValue value)
            ? value
            : throw new LedgerCorruptException(
                $"the record of state key {Convert.ToHexStringLower(stateKey)}", Database.Folder, blockNumber: null);

    private HistoryRecord ReadHistory(StateVersion version, ReadOnlySpan<byte> record) =>
        HistoryRecords.TryRead(version, record.ToArray(), out HistoryRecord entry)
            ? entry
            : throw new LedgerCorruptException("a history entry cannot be read", Database.Folder, version.Block);

    private void RequireLive() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
