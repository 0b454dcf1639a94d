namespace RocksDbSharp.Tests;

/// <summary>
/// Whatever the order of disposal, the answer is an exception or nothing: never a crash of the process.
/// </summary>
public sealed class DisposalTests : IDisposable
{
    private readonly TempDatabase _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_can_be_disposed_twice()
    {
        RocksDb db = _folder.Open("state");
        db.Put("k", "v");
        PinnedValue pinned = db.GetPinned("k"u8);
        IDisposable[] disposables =
        [
            db.NewIterator(), db.CreateSnapshot(), db.Checkpoint(), new WriteBatch(), new ReadOptions(),
            new WriteOptions(), new FlushOptions(), new DbOptions(), new ColumnFamilyOptions(),
            new BlockBasedTableOptions(), Cache.CreateLru(1000), db,
        ];

        pinned.Dispose();
        pinned.Dispose();
        foreach (IDisposable disposable in disposables)
        {
            disposable.Dispose();
            disposable.Dispose();
        }

        Assert.True(pinned.Bytes.IsEmpty);
    }

    [Fact]
    public void A_pinned_value_in_a_using_can_be_disposed_before_its_end()
    {
        using RocksDb db = _folder.Open();
        db.Put("k", "v");

        using PinnedValue pinned = db.GetPinned("k"u8);
        pinned.Dispose();

        Assert.True(pinned.Bytes.IsEmpty);
    }

    [Fact]
    public void A_disposed_database_answers_every_call_with_ObjectDisposedException()
    {
        RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        using FlushOptions flush = new();
        using WriteBatch batch = new();
        db.Dispose();

        Action[] calls =
        [
            () => db.Get("k"u8), () => db.Get("k"u8, state), () => db.GetPinned("k"u8).Dispose(),
            () => db.MultiGet([[1]]), () => db.Put("k", "v"), () => db.Put("k"u8, "v"u8, state),
            () => db.Remove("k"), () => db.Write(batch), () => db.NewIterator(), () => db.NewIterator(state),
            () => db.CreateSnapshot(), () => db.Checkpoint(), () => db.Flush(flush), () => db.FlushWal(sync: true),
            () => db.CompactRange(null, null), () => db.GetProperty("rocksdb.stats"),
            () => db.GetLatestSequenceNumber(), () => db.CancelAllBackgroundWork(wait: true),
            () => db.DropColumnFamily("state"), () => _ = state.Id, () => batch.Put("k"u8, "v"u8, state),
        ];

        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
    }

    [Fact]
    public void What_is_disposed_refuses_to_be_used()
    {
        using RocksDb db = _folder.Open();
        Iterator iterator = db.NewIterator();
        WriteBatch batch = new();
        Snapshot snapshot = db.CreateSnapshot();
        ReadOptions readOptions = new();
        WriteOptions writeOptions = new();
        DbOptions options = new();
        IDisposable[] disposables = [iterator, batch, snapshot, readOptions, writeOptions, options];
        foreach (IDisposable disposable in disposables)
            disposable.Dispose();

        using ReadOptions live = new();
        Action[] calls =
        [
            () => iterator.Valid(), () => iterator.SeekToFirst(), () => iterator.Seek("k"u8), () => iterator.Next(),
            () => iterator.GetKeySpan(), () => iterator.CheckError(), () => batch.Put("k", "v"), () => batch.Count(),
            () => db.Write(batch), () => live.SetSnapshot(snapshot), () => readOptions.SetFillCache(true),
            () => readOptions.SetIterateUpperBound("k"u8), () => db.Get("k"u8, readOptions: readOptions),
            () => db.Put("k", "v", writeOptions: writeOptions), () => options.SetCreateIfMissing(),
            () => RocksDb.Open(options, _folder.Beside("other")),
        ];

        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
    }

    [Fact]
    public void A_database_disposed_under_its_readers_closes_when_the_last_lets_go()
    {
        RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        db.Put("k"u8, "v"u8, state);
        Snapshot snapshot = db.CreateSnapshot();
        ReadOptions then = new ReadOptions().SetSnapshot(snapshot);
        Iterator iterator = db.NewIterator(state, then);
        PinnedValue pinned = db.GetPinned("k"u8, state);

        db.Dispose();
        snapshot.Dispose();
        then.Dispose();

        Assert.Throws<ObjectDisposedException>(() => db.Get("k"u8, state)); // Though not closed yet.
        Assert.Equal("v"u8, pinned.Bytes);
        Assert.Equal("k", iterator.SeekToFirst().StringKey());
        Assert.Throws<RocksDbException>(() => _folder.Open("state")); // Still locked.
        pinned.Dispose();
        iterator.Dispose();
        using RocksDb reopened = _folder.Open("state");
        Assert.Equal("v"u8.ToArray(), reopened.Get("k"u8, reopened.GetColumnFamily("state")));
    }

    [Fact]
    public void Readers_racing_with_disposal_get_a_value_or_ObjectDisposedException()
    {
        RocksDb db = _folder.Open();
        db.Put("k", "v");
        using var started = new CountdownEvent(4);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            started.Signal();
            try
            {
                while (true)
                {
                    using PinnedValue value = db.GetPinned("k"u8);
                    using Iterator iterator = db.NewIterator();
                    Assert.Equal("v"u8, value.Bytes);
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        })).ToList();

        threads.ForEach(thread => thread.Start());
        started.Wait();
        db.Dispose();
        threads.ForEach(thread => thread.Join());

        using RocksDb reopened = _folder.Open();
        Assert.Equal("v", reopened.Get("k"));
    }

    [Fact]
    public void What_is_forgotten_is_released_by_the_collector()
    {
        Forget();

        // Finalizers release in any order; the lock is free only when all have run.
        for (int attempt = 0; attempt < 5; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using RocksDb reopened = _folder.Open("state");
        Assert.Equal("v", reopened.Get("k"));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Forget()
    {
        RocksDb db = _folder.Open("state");
        db.Put("k", "v");
        ReadOptions then = new ReadOptions().SetSnapshot(db.CreateSnapshot());
        db.NewIterator(db.GetColumnFamily("state"), then).SeekToFirst();
    }
}
