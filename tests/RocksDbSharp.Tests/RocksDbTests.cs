using static RocksDbSharp.Tests.TempDatabase;

namespace RocksDbSharp.Tests;

public sealed class RocksDbTests : IDisposable
{
    private readonly TempDatabase _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("key", "value")]
    [InlineData("key", "")]          // Empty is a value...
    [InlineData("", "value")]        // ...and a key.
    [InlineData("", "")]
    [InlineData("k\0ey", "v\0alue")] // Neither is text that a zero ends.
    public void A_value_put_is_the_value_got(string key, string value)
    {
        using RocksDb db = _folder.Open();

        db.Put(Bytes(key).AsSpan(), Bytes(value));

        Assert.Equal(Bytes(value), db.Get(Bytes(key).AsSpan()));
        Assert.Equal(Bytes(value), db.Get(Bytes(key)));
        Assert.Equal(value, db.Get(key));
        Assert.True(db.HasKey(Bytes(key)));
    }

    [Fact]
    public void A_key_that_is_not_there_is_null_and_not_empty()
    {
        using RocksDb db = _folder.Open();

        using PinnedValue pinned = db.GetPinned("missing"u8);

        Assert.False(pinned.Found);
        Assert.Equal(0, pinned.Bytes.Length);
        Assert.Null(db.Get("missing"u8));
        Assert.Equal(-1, db.Get("missing"u8, new byte[1]));
        Assert.False(db.HasKey("missing"u8));
    }

    [Fact]
    public void A_removed_key_is_gone_and_removing_it_again_is_no_error()
    {
        using RocksDb db = _folder.Open();
        db.Put("k", "v");

        db.Remove("k"u8);
        db.Remove("k");

        Assert.Null(db.Get("k"));
    }

    [Fact]
    public void A_value_longer_than_the_buffer_is_cut_and_its_length_told()
    {
        using RocksDb db = _folder.Open();
        db.Put("k", "abcdef");
        byte[] buffer = new byte[4];

        long length = db.Get("k"u8, buffer);

        Assert.Equal(6, length);
        Assert.Equal("abcd"u8.ToArray(), buffer);
    }

    [Fact]
    public void Column_families_do_not_see_each_others_keys()
    {
        using RocksDb db = _folder.Open("state", "history");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        ColumnFamilyHandle history = db.GetColumnFamily("history");

        db.Put("k"u8, "of state"u8, state);
        db.Put("k"u8, "of history"u8, history);

        Assert.Null(db.Get("k"u8));
        Assert.Equal("of state"u8.ToArray(), db.Get("k"u8, state));
        Assert.Equal("of history"u8.ToArray(), db.Get("k"u8, history));
        Assert.Equal([0u, 1u, 2u], new[] { db.GetDefaultColumnFamily().Id, state.Id, history.Id });
    }

    [Fact]
    public void Column_families_can_be_listed_created_and_dropped()
    {
        using DbOptions options = new();
        using (RocksDb db = _folder.Open("one"))
        {
            using ColumnFamilyOptions familyOptions = new();
            ColumnFamilyHandle two = db.CreateColumnFamily(familyOptions, "two");
            db.Put("k"u8, "v"u8, two);
            db.DropColumnFamily("one");

            Assert.False(db.TryGetColumnFamily("one", out _));
            Assert.Throws<KeyNotFoundException>(() => db.GetColumnFamily("one"));
        }

        Assert.Equal(["default", "two"], RocksDb.ListColumnFamilies(options, _folder.Path));
        using RocksDb reopened = _folder.Open("two");
        Assert.Equal("v"u8.ToArray(), reopened.Get("k"u8, reopened.GetColumnFamily("two")));
    }

    [Fact]
    public void A_column_family_of_another_database_is_refused()
    {
        using RocksDb db = _folder.Open("state");
        using var otherFolder = new TempDatabase();
        using RocksDb other = otherFolder.Open("state");
        ColumnFamilyHandle foreign = other.GetColumnFamily("state");

        Assert.Throws<ArgumentException>(() => db.Put("k"u8, "v"u8, foreign));
        Assert.Throws<ArgumentException>(() => db.Get("k"u8, foreign));
        Assert.Throws<ArgumentException>(() => db.NewIterator(foreign));
        Assert.Throws<ArgumentException>(() => db.MultiGet([[1]], [foreign]));
    }

    [Fact]
    public void Several_keys_are_read_in_the_order_asked_for()
    {
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        db.Put("a"u8, "1"u8);
        db.Put("b"u8, "2"u8, state);

        KeyValuePair<byte[], byte[]?>[] pairs = db.MultiGet(
            [Bytes("b"), Bytes("a"), Bytes("b")], [state, db.GetDefaultColumnFamily(), db.GetDefaultColumnFamily()]);

        Assert.Equal([Bytes("2"), Bytes("1"), null], pairs.Select(pair => pair.Value));
        Assert.Equal([Bytes("b"), Bytes("a"), Bytes("b")], pairs.Select(pair => pair.Key));
    }

    [Fact]
    public void Pinned_values_keep_their_bytes_while_the_key_is_overwritten_flushed_and_compacted()
    {
        using RocksDb db = _folder.Open();
        using FlushOptions flush = new();
        db.Put("k", "first");
        db.Flush(flush);

        using PinnedValue first = db.GetPinned("k"u8);
        db.Put("k", "second");
        db.Flush(flush);
        db.CompactRange(null, null);
        using PinnedValue second = db.GetPinned("k"u8);

        Assert.Equal("first"u8, first.Bytes);
        Assert.Equal("second"u8, second.Bytes);
    }

    [Fact]
    public void A_snapshot_does_not_see_what_is_written_after_it()
    {
        using RocksDb db = _folder.Open();
        db.Put("kept", "old");
        db.Put("removed", "old");
        using Snapshot snapshot = db.CreateSnapshot();
        using ReadOptions then = new ReadOptions().SetSnapshot(snapshot);

        db.Put("kept", "new");
        db.Remove("removed");
        db.Put("added", "new");

        using PinnedValue pinned = db.GetPinned("kept"u8, readOptions: then);
        Assert.Equal("old"u8, pinned.Bytes);
        Assert.Equal("old", db.Get("removed", readOptions: then));
        Assert.Null(db.Get("added", readOptions: then));
        Assert.Equal("new", db.Get("kept"));
        Assert.Equal("new", db.Get("kept", readOptions: then.SetSnapshot(null)));
        using Iterator all = db.NewIterator(readOptions: then.SetSnapshot(snapshot));
        Assert.Equal(["kept", "removed"], IteratorTests.KeysFromFirst(all));
    }

    [Fact]
    public void What_was_written_is_there_after_reopening_with_and_without_a_flush()
    {
        using (RocksDb db = _folder.Open("state"))
        {
            using FlushOptions flush = new();
            db.Put("flushed"u8, "1"u8, db.GetColumnFamily("state"));
            db.Flush(flush, db.GetColumnFamily("state"));
            db.Put("logged"u8, "2"u8, db.GetColumnFamily("state"));
        }

        using RocksDb reopened = _folder.Open("state");
        Assert.Equal("1"u8.ToArray(), reopened.Get("flushed"u8, reopened.GetColumnFamily("state")));
        Assert.Equal("2"u8.ToArray(), reopened.Get("logged"u8, reopened.GetColumnFamily("state")));
    }

    [Fact]
    public void A_synced_write_is_synced_and_an_unsynced_one_is_not()
    {
        using DbOptions options = new DbOptions().SetCreateIfMissing().EnableStatistics();
        using RocksDb db = RocksDb.Open(options, _folder.Path);
        using WriteOptions synced = new WriteOptions().SetSync(true);
        long before = Counter(options, "rocksdb.wal.synced");

        db.Put("unsynced", "v");
        long afterUnsynced = Counter(options, "rocksdb.wal.synced");
        db.Put("synced", "v", writeOptions: synced);

        Assert.Equal(before, afterUnsynced);
        Assert.Equal(before + 1, Counter(options, "rocksdb.wal.synced"));
    }

    [Fact]
    public void A_write_without_log_is_lost_when_nothing_was_flushed()
    {
        using DbOptions options = new DbOptions().SetCreateIfMissing();
        using var copy = new TempDatabase();
        using (RocksDb db = RocksDb.Open(options, _folder.Path))
        {
            using WriteOptions unlogged = new WriteOptions().DisableWal(1);
            db.Put("logged", "v");
            db.Put("unlogged", "v", writeOptions: unlogged);

            // The files as a crash would leave them: closing would flush.
            Directory.CreateDirectory(copy.Path);
            foreach (string file in Directory.GetFiles(_folder.Path))
                File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        }

        using RocksDb recovered = RocksDb.Open(options, copy.Path);
        Assert.Equal("v", recovered.Get("logged"));
        Assert.Null(recovered.Get("unlogged"));
    }

    [Fact]
    public void Statistics_count_reads_and_are_null_when_off()
    {
        using DbOptions counting = new DbOptions().SetCreateIfMissing().EnableStatistics();
        using DbOptions silent = new();
        using RocksDb db = RocksDb.Open(counting, _folder.Path);
        db.Put("k", "value");

        db.Get("k");
        db.Get("k");

        Assert.Equal(2, Counter(counting, "rocksdb.number.keys.read"));
        Assert.Null(silent.GetStatisticsString());
    }

    [Fact]
    public void Properties_answer_by_name_and_unknown_ones_are_null()
    {
        using RocksDb db = _folder.Open("state");
        db.Put("k"u8, "v"u8, db.GetColumnFamily("state"));

        Assert.Equal("1", db.GetProperty("rocksdb.num-entries-active-mem-table", db.GetColumnFamily("state")));
        Assert.Equal("0", db.GetProperty("rocksdb.num-entries-active-mem-table"));
        Assert.Null(db.GetProperty("rocksdb.no-such-property"));
        Assert.Equal(1ul, db.GetLatestSequenceNumber());
    }

    [Fact]
    public void A_checkpoint_is_a_database_of_its_own_with_the_state_of_that_moment()
    {
        string copy = _folder.Beside("checkpoint");
        using RocksDb db = _folder.Open("state");
        ColumnFamilyHandle state = db.GetColumnFamily("state");
        db.Put("k"u8, "then"u8, state);

        using (Checkpoint checkpoint = db.Checkpoint())
        {
            checkpoint.Save(copy);
            Assert.Throws<RocksDbException>(() => checkpoint.Save(copy));
        }

        db.Put("k"u8, "now"u8, state);
        using DbOptions options = new();
        using RocksDb opened = RocksDb.Open(options, copy, Families("state"));
        Assert.Equal("then"u8.ToArray(), opened.Get("k"u8, opened.GetColumnFamily("state")));
    }

    internal static long Counter(DbOptions options, string name)
    {
        string[] lines = options.GetStatisticsString()!.Split('\n'); // Statistics are on here.
        string line = Assert.Single(lines, line => line.StartsWith(name + " COUNT", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
