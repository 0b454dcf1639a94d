using static RocksDbSharp.Tests.TempDatabase;

namespace RocksDbSharp.Tests;

public sealed class FailureTests : IDisposable
{
    private readonly TempDatabase _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_database_is_told_in_the_engines_words()
    {
        using DbOptions options = new();

        RocksDbException error = Assert.Throws<RocksDbException>(() => RocksDb.Open(options, _folder.Path));

        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsCorruption);
        Assert.False(error.IsDiskFull);
        Assert.Throws<RocksDbException>(() => RocksDb.ListColumnFamilies(options, _folder.Path));
    }

    [Fact]
    public void A_damaged_manifest_is_corruption()
    {
        _folder.Open().Dispose();
        File.WriteAllText(Path.Combine(_folder.Path, "CURRENT"), "MANIFEST-garbage");

        RocksDbException error = Assert.Throws<RocksDbException>(() => _folder.Open());

        Assert.True(error.IsCorruption, error.Message);
    }

    [Fact]
    public void A_damaged_block_is_corruption_to_readers_and_iterators()
    {
        using DbOptions options = new DbOptions().SetCreateIfMissing().SetCompression(Compression.No);
        using (RocksDb db = RocksDb.Open(options, _folder.Path))
        {
            using FlushOptions flush = new();
            db.Put("k"u8, new byte[4000]);
            db.Flush(flush);
        }

        string table = Assert.Single(Directory.GetFiles(_folder.Path, "*.sst"));
        byte[] bytes = File.ReadAllBytes(table);
        bytes[1000] ^= 1;
        File.WriteAllBytes(table, bytes);

        using RocksDb damaged = RocksDb.Open(options, _folder.Path);
        RocksDbException error = Assert.Throws<RocksDbException>(() => damaged.Get("k"u8));
        Assert.True(error.IsCorruption, error.Message);
        Assert.Throws<RocksDbException>(() => damaged.MultiGet([Bytes("k")]));
        using Iterator iterator = damaged.NewIterator();
        Assert.False(iterator.SeekToFirst().Valid());
        Assert.True(Assert.Throws<RocksDbException>(iterator.CheckError).IsCorruption);
    }

    [Fact]
    public void A_database_in_use_is_locked()
    {
        using RocksDb first = _folder.Open();

        RocksDbException error = Assert.Throws<RocksDbException>(() => _folder.Open());

        Assert.True(error.IsIOError, error.Message);
        Assert.Contains("lock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_column_families_have_to_be_named()
    {
        _folder.Open("state").Dispose();

        RocksDbException error = Assert.Throws<RocksDbException>(() => _folder.Open());

        Assert.Contains("state", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_only_sees_what_was_written_beside_the_writer_and_writes_nothing()
    {
        using RocksDb writer = _folder.Open("state");
        writer.Put("k"u8, "v"u8, writer.GetColumnFamily("state"));
        using DbOptions options = new();

        using RocksDb reader = RocksDb.OpenReadOnly(
            options, _folder.Path, Families("state"), errIfLogFileExists: false);

        Assert.Equal("v"u8.ToArray(), reader.Get("k"u8, reader.GetColumnFamily("state")));
        Assert.Throws<RocksDbException>(() => reader.Put("k", "other"));
        using RocksDb defaultOnly = RocksDb.OpenReadOnly(options, _folder.Path, errorIfLogFileExists: false);
        Assert.Null(defaultOnly.Get("k"));
    }

    [Theory]
    [InlineData("IO error: No space left on device: While appending to file: /db/000012.log", true)]
    [InlineData("IO error: No space left on deviceWhile appending to file: /db/000012.log: No space left", true)]
    [InlineData("IO error: While fsync: /db/000012.log: Disk quota exceeded", true)]
    [InlineData("IO error: Max allowed space was reached", true)]
    [InlineData("IO error: While open a file for appending: /db/LOCK: Permission denied", false)]
    [InlineData("Corruption: block checksum mismatch", false)]
    public void A_full_disk_is_told_from_other_failures(string text, bool full) =>
        Assert.Equal(full, new RocksDbException(text).IsDiskFull);

    [Fact]
    public void A_name_with_a_zero_is_refused_rather_than_cut()
    {
        using DbOptions options = new();

        Assert.Throws<ArgumentException>(() => RocksDb.Open(options, "db\0tail"));
        Assert.Throws<ArgumentException>(() => new ColumnFamilies { { "a\0b", new ColumnFamilyOptions() } });
    }

    [Fact]
    public void A_missing_library_names_the_package_to_install()
    {
        DllNotFoundException error = Assert.ThrowsAny<DllNotFoundException>(
            () => RocksDbLibrary.LoadFirst(["librocksdb.so.0.0-not-there"]));

        Assert.Contains("apt-get install librocksdb7.8", error.Message, StringComparison.Ordinal);
        Assert.Contains("librocksdb-dev", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("librocksdb.so.7.8")]  // Debian 12
    [InlineData("librocksdb.so.8.9")]  // Ubuntu 24.04
    [InlineData("librocksdb.so.9.10")] // Debian 13
    [InlineData("librocksdb.so")]
    public void The_names_of_distributions_are_tried(string name) =>
        Assert.Contains(name, RocksDbLibrary.CandidateNames());
}
