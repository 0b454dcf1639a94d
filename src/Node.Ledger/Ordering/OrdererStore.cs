using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Ordering;

/// <summary>What an orderer keeps of one channel: the entries of its ordered log, its blocks, and how far it
/// is.</summary>
/// <remarks>
/// <para>
/// One database, so one write-ahead log: an entry is written with a sync, the block made of it without one. Whatever
/// is synced later takes everything before it along, and after a crash the log is a prefix of what was written, so a
/// block can be lost only together with the removal of its entry. It is then made again from that entry.
/// </para>
/// <para>
/// Layout (docs/formats.md, "Orderer store"), integers big-endian. Column family <c>log</c>: position u64 → entry.
/// <c>blocks</c>: number u64 → serialized block, in blob files. <c>meta</c>: <c>format</c> → u32 = 1; <c>channel</c> →
/// id; <c>incarnation</c> → u64; <c>removed</c> → u64, the last position removed from the log; <c>savepoint</c> →
/// height u64, then the bytes of the orderer.
/// </para>
/// <para>Entries: one writer. Blocks: one writer. Readers: any thread.</para>
/// </remarks>
public sealed class OrdererStore : IDisposable
{
    private const uint FormatOne = 1;

    private readonly string _folder;
    private readonly IStorage _storage;
    private ulong _height;
    private ulong _lastEntry;
    private volatile bool _writeFailed;

    private OrdererStore(string folder, IStorage storage)
    {
        _folder = folder;
        _storage = storage;
    }

    /// <summary>Blocks stored: the last number plus 1.</summary>
    public ulong Height => Volatile.Read(ref _height);

    /// <summary>What the orderer stored with its last block; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Savepoint { get; private set; }

    /// <summary>The position of the last entry ever appended, removed or not; 0 when there was none.</summary>
    public ulong LastEntry => Volatile.Read(ref _lastEntry);

    /// <summary>Entries at and below this position were removed.</summary>
    public ulong EntriesRemoved { get; private set; }

    private static ReadOnlySpan<byte> FormatKey => "format"u8;

    private static ReadOnlySpan<byte> ChannelKey => "channel"u8;

    private static ReadOnlySpan<byte> IncarnationKey => "incarnation"u8;

    private static ReadOnlySpan<byte> RemovedKey => "removed"u8;

    private static ReadOnlySpan<byte> SavepointKey => "savepoint"u8;

    /// <summary>Opens or creates the store. This is also how it recovers.</summary>
    /// <exception cref="StorageFailedException">The folder cannot be written, or another process has it
    /// open.</exception>
    /// <exception cref="LedgerCorruptException">It holds another channel, another format, or damaged bytes.</exception>
    public static OrdererStore Open(string folder, ChannelId channel) =>
        Open(folder, channel, RocksEngine.Instance);

    /// <inheritdoc cref="Open(string, ChannelId)"/>
    internal static OrdererStore Open(string folder, ChannelId channel, IStorageEngine engine)
    {
        var store = new OrdererStore(folder, engine.OpenOrderer(folder));
        try
        {
            store.Load(channel);
            return store;
        }
        catch (NodeException)
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of memory that is kept for speed, since nothing is asked of this store. Any thread.</summary>
    /// <exception cref="StorageFailedException">The disk failed, or the store is closed. Nothing is lost.</exception>
    public void Rest() => _storage.Rest("give memory back");

    /// <summary>Appends entries at the positions behind <see cref="LastEntry"/>. Synced when it returns.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: stop the channel and reopen.</exception>
    public void AppendEntries(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        ulong position = _lastEntry;
        using StorageBatch batch = _storage.NewBatch();
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        for (int index = 0; index < entries.Count; index++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(key, ++position);
            batch.Put(key, entries[index].Span, OrdererFamilySet.Log);
        }

        Write(batch, WriteDurability.Synced, "append to the ordered log");
        Volatile.Write(ref _lastEntry, position);
    }

    public bool TryReadEntry(ulong position, [NotNullWhen(true)] out byte[]? entry) =>
        TryRead(OrdererFamilySet.Log, position, "read the ordered log", out entry);

    /// <summary>Removes the entries up to this position. Not synced: after a crash they may be back.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: stop the channel and reopen.</exception>
    public void RemoveEntries(ulong upToIncluding)
    {
        Invariant.Require(upToIncluding <= _lastEntry, "only what was appended can be removed");
        if (upToIncluding <= EntriesRemoved)
            return;

        using StorageBatch batch = _storage.NewBatch();
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        for (ulong position = EntriesRemoved + 1; position <= upToIncluding; position++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, position);
            batch.Delete(number, OrdererFamilySet.Log);
        }

        BinaryPrimitives.WriteUInt64BigEndian(number, upToIncluding);
        batch.Put(RemovedKey, number, OrdererFamilySet.Meta);
        Write(batch, WriteDurability.Unsynced, "remove entries of the ordered log");
        EntriesRemoved = upToIncluding;
    }

    /// <summary>Stores the next block with the savepoint that belongs to it, both or none.</summary>
    /// <param name="block">The serialized block, in pieces that belong one behind the other.</param>
    /// <param name="sync">False when the block can be made again from the ordered log.</param>
    /// <exception cref="StorageFailedException">What is on disk is unknown: stop the channel and reopen.</exception>
    public void AppendBlock(
        ulong number, ReadOnlySpan<ReadOnlyMemory<byte>> block, ReadOnlySpan<byte> savepoint, bool sync)
    {
        Invariant.Require(number == _height, "blocks are stored without gap or repeat");

        byte[] record = new byte[sizeof(ulong) + savepoint.Length];
        BinaryPrimitives.WriteUInt64BigEndian(record, number + 1);
        savepoint.CopyTo(record.AsSpan(sizeof(ulong)));

        byte[] key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        using StorageBatch batch = _storage.NewBatch();
        batch.Putv(key, block, OrdererFamilySet.Blocks);
        batch.Put(SavepointKey, record, OrdererFamilySet.Meta);
        Write(batch, sync ? WriteDurability.Synced : WriteDurability.Unsynced, $"store block {number}");
        Savepoint = record.AsMemory(sizeof(ulong));
        Volatile.Write(ref _height, number + 1);
    }

    /// <summary>Reads a serialized block as it was stored.</summary>
    /// <exception cref="StorageFailedException">The disk failed, or the store was closed because it had.</exception>
    public bool TryReadBlock(ulong number, [NotNullWhen(true)] out byte[]? block) =>
        TryRead(OrdererFamilySet.Blocks, number, "read a block", out block);

    /// <summary>Counts one more life of this store, durably, and says which it is; the first is 1.</summary>
    public ulong NextIncarnation()
    {
        byte[]? last = Read(OrdererFamilySet.Meta, IncarnationKey, "read the incarnation");
        ulong incarnation = (last is null ? 0 : BinaryPrimitives.ReadUInt64BigEndian(last)) + 1;
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(value, incarnation);
        using StorageBatch batch = _storage.NewBatch();
        batch.Put(IncarnationKey, value, OrdererFamilySet.Meta);
        Write(batch, WriteDurability.Synced, "count the incarnation");
        return incarnation;
    }

    /// <summary>Makes everything written so far durable.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: stop the channel and reopen.</exception>
    public void Sync()
    {
        // A synced write takes along whatever was written before it: the log of the engine is one file.
        Span<byte> removed = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(removed, EntriesRemoved);
        using StorageBatch batch = _storage.NewBatch();
        batch.Put(RemovedKey, removed, OrdererFamilySet.Meta);
        Write(batch, WriteDurability.Synced, "sync the store");
    }

    /// <summary>Closes the database. Readers that come later are told that it failed.</summary>
    public void Dispose() => _storage.Dispose();

    private void Load(ChannelId channel)
    {
        byte[]? format = Read(OrdererFamilySet.Meta, FormatKey, "read the format");
        if (format is null)
            WriteHead(channel);
        else
            CheckHead(format, channel);

        EntriesRemoved = Read(OrdererFamilySet.Meta, RemovedKey, "read the log's start") is { } removed
            ? BinaryPrimitives.ReadUInt64BigEndian(removed)
            : 0;
        using (StorageIterator last = _storage.NewIterator(
            OrdererFamilySet.Log, lower: [], upper: [], snapshot: null, "read the log's end"))
        {
            last.SeekToLast();
            _lastEntry = last.Valid() ? BinaryPrimitives.ReadUInt64BigEndian(last.GetKeySpan()) : EntriesRemoved;
            last.CheckError("read the log's end");
        }

        if (Read(OrdererFamilySet.Meta, SavepointKey, "read the savepoint") is not { } savepoint)
            return;
        if (savepoint.Length < sizeof(ulong))
            throw new LedgerCorruptException($"the savepoint has {savepoint.Length} bytes", _folder, blockNumber: null);
        _height = BinaryPrimitives.ReadUInt64BigEndian(savepoint);
        Savepoint = savepoint.AsMemory(sizeof(ulong));
    }

    private void WriteHead(ChannelId channel)
    {
        Span<byte> format = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(format, FormatOne);
        using StorageBatch batch = _storage.NewBatch();
        batch.Put(FormatKey, format, OrdererFamilySet.Meta);
        batch.Put(ChannelKey, Encoding.ASCII.GetBytes(channel.ToString()), OrdererFamilySet.Meta);
        Write(batch, WriteDurability.Synced, "create the store");
    }

    private void CheckHead(byte[] format, ChannelId channel)
    {
        if (format.Length != sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(format) != FormatOne)
        {
            string found = Convert.ToHexStringLower(format);
            throw new LedgerCorruptException($"its format is {found}, this program reads {FormatOne}", _folder, null);
        }

        string stored = Encoding.ASCII.GetString(Read(OrdererFamilySet.Meta, ChannelKey, "read the channel") ?? []);
        if (stored != channel.ToString())
            throw new LedgerCorruptException($"it holds channel '{stored}', not '{channel}'", _folder, null);
    }

    private bool TryRead(
        StorageFamily family, ulong number, string operation, [NotNullWhen(true)] out byte[]? value)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        value = Read(family, key, operation);
        return value is not null;
    }

    private byte[]? Read(StorageFamily family, ReadOnlySpan<byte> key, string operation) =>
        _storage.Get(key, family, operation);

    private void Write(StorageBatch batch, WriteDurability durability, string operation)
    {
        // The engine must not be asked to write behind a write that failed.
        if (_writeFailed)
            throw new StorageFailedException(operation, _folder, "an earlier write failed", inner: null);

        try
        {
            _storage.Write(batch, durability, operation);
        }
        catch (Exception error) when (error is StorageFailedException or LedgerCorruptException)
        {
            _writeFailed = true;
            throw;
        }
    }
}
