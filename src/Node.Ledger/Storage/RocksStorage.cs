using Node.Protocol;
using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>One RocksDB database. Its errors leave translated, never as themselves.</summary>
internal sealed class RocksStorage : IStorage
{
    private readonly string _folder;
    private readonly string _what;
    private readonly RocksDb _database;
    private readonly ColumnFamilyHandle[] _families;
    private readonly WriteOptions[] _writeOptions =
    [
        new WriteOptions().SetSync(true), new WriteOptions().SetSync(false), new WriteOptions().DisableWal(1),
    ];   // Indexed by WriteDurability.

    /// <param name="what">What people call it: "the ledger".</param>
    /// <param name="families">In the order of their <see cref="StorageFamily"/>.</param>
    public RocksStorage(string folder, string what, RocksDb database, string[] families)
    {
        _folder = folder;
        _what = what;
        _database = database;
        _families = Array.ConvertAll(families, database.GetColumnFamily);
    }

    /// <summary>Of blocks; owned by the storage. Null where it has none of its own.</summary>
    public Cache? Cache { get; init; }

    public ulong CacheBytes { get; init; }

    public static NodeException Translate(RocksDbException error, string operation, string folder) =>
        error.IsCorruption
            ? new LedgerCorruptException(error.Message, folder, blockNumber: null)
            : new StorageFailedException(operation, folder, Explain(error), error);

    public StorageBatch NewBatch() => new RocksBatch(_families);

    public byte[]? Get(ReadOnlySpan<byte> key, StorageFamily family, string operation)
    {
        try
        {
            return _database.Get(key, _families[family.Index]);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, _folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    public StoredValue GetPinned(
        ReadOnlySpan<byte> key, StorageFamily family, StorageSnapshot? snapshot, string operation)
    {
        try
        {
            ReadOptions? options = (snapshot as RocksSnapshot)?.Options;
            return new StoredValue(_database.GetPinned(key, _families[family.Index], options));
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, _folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    public StorageIterator NewIterator(
        StorageFamily family,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        StorageSnapshot? snapshot,
        string operation)
    {
        var options = new ReadOptions();
        if (snapshot is RocksSnapshot rocks)
            options.SetSnapshot(rocks.Snapshot);
        if (!lower.IsEmpty)
            options.SetIterateLowerBound(lower);
        if (!upper.IsEmpty)
            options.SetIterateUpperBound(upper);

        try
        {
            return new RocksIterator(_database.NewIterator(_families[family.Index], options), options, _folder);
        }
        catch (ObjectDisposedException error)
        {
            options.Dispose();
            throw Closed(operation, error);
        }
    }

    public StorageSnapshot CreateSnapshot() => new RocksSnapshot(_database.CreateSnapshot());

    public void Write(StorageBatch batch, WriteDurability durability, string operation)
    {
        try
        {
            _database.Write(((RocksBatch)batch).Batch, _writeOptions[(int)durability]);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, _folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    // What is written to tables needs no memtables, and no reading of the engine's log at the next start.
    public void Rest(string operation)
    {
        try
        {
            using var flush = new FlushOptions();
            foreach (ColumnFamilyHandle each in _families)
                _database.Flush(flush, each);

            Cache?.SetCapacity(0).SetCapacity(CacheBytes);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, _folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    // The engine's log holds what no table holds yet, whoever wrote it, so it goes when every family is in tables. What
    // was flushed and never merged is compressed lightly, and merging all of it is worth most on a small disk.
    public void Reclaim(StorageFamily family, byte[] end, string operation)
    {
        try
        {
            using var flush = new FlushOptions();
            foreach (ColumnFamilyHandle each in _families)
                _database.Flush(flush, each);

            for (int index = 0; end.Length > 0 && index < _families.Length; index++)
                _database.CompactRange(start: null, index == family.Index ? end : null, _families[index]);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, _folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    public void Dispose()
    {
        _database.Dispose();
        Cache?.Dispose();
        foreach (WriteOptions options in _writeOptions)
            options.Dispose();
    }

    private static string Explain(RocksDbException error) =>
        error.IsDiskFull ? $"the disk is full ({error.Message})" : error.Message;

    private StorageFailedException Closed(string operation, ObjectDisposedException error) =>
        new(operation, _folder, $"{_what} is closed", error);

    private sealed class RocksSnapshot(Snapshot snapshot) : StorageSnapshot
    {
        public Snapshot Snapshot => snapshot;

        public ReadOptions Options { get; } = new ReadOptions().SetSnapshot(snapshot);

        public override void Dispose()
        {
            Options.Dispose();
            snapshot.Dispose();
        }
    }

    private sealed class RocksIterator(Iterator iterator, ReadOptions options, string folder) : StorageIterator
    {
        public override bool Valid() => iterator.Valid();

        public override void SeekToFirst() => iterator.SeekToFirst();

        public override void SeekToLast() => iterator.SeekToLast();

        public override void Next() => iterator.Next();

        public override void Prev() => iterator.Prev();

        public override ReadOnlySpan<byte> GetKeySpan() => iterator.GetKeySpan();

        public override ReadOnlySpan<byte> GetValueSpan() => iterator.GetValueSpan();

        public override void CheckError(string operation)
        {
            try
            {
                iterator.CheckError();
            }
            catch (RocksDbException error)
            {
                throw Translate(error, operation, folder);
            }
        }

        public override void Dispose()
        {
            iterator.Dispose();
            options.Dispose();
        }
    }
}
