using static RocksDbSharp.Tests.TempDatabase;

namespace RocksDbSharp.Tests;

public sealed class WriteBatchTests : IDisposable
{
    private readonly TempDatabase _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_batch_is_invisible_until_written_and_then_all_there()
    {
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        db.Put("gone", "v");
        using WriteBatch batch = new();
        batch.Put("a"u8, "1"u8).Put("b"u8, "2"u8, state).Delete("gone"u8).Delete("never"u8, state);

        Assert.Equal(4, batch.Count());
        Assert.Null(db.Get("a"));
        db.Write(batch);

        Assert.Equal("1", db.Get("a"));
        Assert.Equal("2", db.Get("b", state));
        Assert.Null(db.Get("gone"));
    }

    [Fact]
    public void No_reader_ever_sees_half_a_batch()
    {
        const int Batches = 2000;
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        var writer = new Thread(() =>
        {
            using WriteBatch batch = new();
            for (int number = 0; number < Batches; number++)
            {
                byte[] value = BitConverter.GetBytes(number);
                db.Write(batch.Clear().Put("k"u8, value).Put("k"u8, value, state));
            }
        });

        writer.Start();
        byte[]? seen = null;
        while (seen is null || BitConverter.ToInt32(seen) < Batches - 1)
        {
            using Snapshot snapshot = db.CreateSnapshot();
            using ReadOptions now = new ReadOptions().SetSnapshot(snapshot);
            seen = db.Get("k"u8, readOptions: now);
            Assert.Equal(seen, db.Get("k"u8, state, now));
        }

        writer.Join();
    }

    [Fact]
    public void A_batch_for_a_dropped_column_family_fails()
    {
        using RocksDb db = _folder.Open("dropped");
        using WriteBatch batch = new();
        batch.Put("k"u8, "v"u8, db.GetColumnFamily("dropped"));
        db.DropColumnFamily("dropped");

        Assert.Throws<RocksDbException>(() => db.Write(batch));
    }

    [Fact]
    public void A_torn_batch_is_dropped_whole_at_the_next_open()
    {
        using (RocksDb db = _folder.Open())
        {
            using WriteBatch whole = new();
            db.Write(whole.Put("before", "v"));
            using WriteBatch torn = new();
            db.Write(torn.Put("torn 1", "v").Put("torn 2", "v"));
        }

        string log = Assert.Single(Directory.GetFiles(_folder.Path, "*.log"));
        using (FileStream file = File.OpenWrite(log))
            file.SetLength(file.Length - 1);

        using RocksDb reopened = _folder.Open();
        Assert.Equal("v", reopened.Get("before"));
        Assert.Null(reopened.Get("torn 1"));
        Assert.Null(reopened.Get("torn 2"));
    }

    [Fact]
    public void The_last_entry_of_a_key_wins()
    {
        using RocksDb db = _folder.Open();
        using WriteBatch batch = new();

        db.Write(batch.Put("k", "1").Delete(Bytes("k")).Put("k", "2").Put("j", "1").Delete(Bytes("j")));

        Assert.Equal("2", db.Get("k"));
        Assert.Null(db.Get("j"));
    }

    [Fact]
    public void A_range_is_deleted_from_start_included_to_end_excluded()
    {
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        using WriteBatch batch = new();
        foreach (string key in new[] { "a", "b", "c", "d" })
            batch.Put(key, "v").Put(key, "v", state);

        batch.DeleteRange("b"u8, "d"u8).DeleteRange("a"u8, "c"u8, state);
        db.Write(batch);

        using Iterator inDefault = db.NewIterator();
        using Iterator inState = db.NewIterator(state);
        Assert.Equal(["a", "d"], IteratorTests.KeysFromFirst(inDefault));
        Assert.Equal(["c", "d"], IteratorTests.KeysFromFirst(inState));
    }

    [Fact]
    public void A_value_in_parts_is_one_value()
    {
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        using WriteBatch batch = new();

        batch.Putv("two"u8, "head,"u8, "tail"u8);
        batch.Putv("headless"u8, ""u8, "tail"u8, state);
        batch.Putv([Bytes("ma"), Bytes("ny")], [Bytes("1"), Bytes(""), Bytes("23")], state);

        Assert.Equal(3, batch.Count());
        db.Write(batch);
        Assert.Equal("head,tail", db.Get("two"));
        Assert.Equal("tail", db.Get("headless", state));
        Assert.Equal("123", db.Get("many", state));
    }

    [Fact]
    public void A_cleared_batch_is_empty_and_usable_again()
    {
        using RocksDb db = _folder.Open();
        using WriteBatch batch = new();
        batch.Put("a", "1");
        ulong full = batch.DataSize;

        batch.Clear();

        Assert.Equal(0, batch.Count());
        Assert.True(batch.DataSize < full);
        db.Write(batch.Put("b", "2"));
        Assert.Null(db.Get("a"));
        Assert.Equal("2", db.Get("b"));
    }

    [Fact]
    public void A_batch_survives_as_bytes()
    {
        using RocksDb db = _folder.Open();
        using WriteBatch batch = new();
        batch.Put("a", "1").Delete(Bytes("b"));

        using WriteBatch copy = new(batch.ToBytes());

        Assert.Equal(2, copy.Count());
        db.Write(copy);
        Assert.Equal("1", db.Get("a"));
        Assert.Throws<ArgumentException>(() => new WriteBatch([1, 2, 3]));
    }
}
