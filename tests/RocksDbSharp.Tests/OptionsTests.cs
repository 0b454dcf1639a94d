using System.Globalization;
using System.Text.RegularExpressions;

namespace RocksDbSharp.Tests;

public sealed partial class OptionsTests : IDisposable
{
    private readonly TempDatabase _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Large_values_go_to_blob_files_and_come_back_whole()
    {
        byte[] small = new byte[100];
        byte[] large = [.. Enumerable.Range(0, 5000).Select(index => (byte)(index * 7 % 251))];
        var families = new ColumnFamilies();
        families.Add("blocks", new ColumnFamilyOptions()
            .SetEnableBlobFiles(true).SetMinBlobSize(1000).SetBlobFileSize(1 << 20)
            .SetBlobCompressionType(Compression.Zstd)
            .SetEnableBlobGC(true).SetBlobGCAgeCutoff(1.0).SetBlobGCForceThreshold(0.5));
        using DbOptions options = new DbOptions().SetCreateIfMissing().SetCreateMissingColumnFamilies();
        using RocksDb db = RocksDb.Open(options, _folder.Path, families);
        ColumnFamilyHandle blocks = db.GetColumnFamily("blocks");
        using FlushOptions flush = new();

        db.Put("small"u8, small, blocks);
        db.Flush(flush, blocks);
        Assert.Empty(BlobFiles());
        db.Put("large"u8, large, blocks);
        db.Put("small"u8, small, blocks);
        db.Flush(flush, blocks);

        Assert.Single(BlobFiles());
        using PinnedValue pinned = db.GetPinned("large"u8, blocks);
        Assert.Equal(large, pinned.Bytes);
        using (Iterator iterator = db.NewIterator(blocks))
            Assert.Equal(large, iterator.SeekToFirst().Value());

        pinned.Dispose();

        // Tables that share more than one key are merged rather than moved.
        db.Remove("large"u8, blocks);
        db.Put("small"u8, small, blocks);
        db.Flush(flush, blocks);
        db.CompactRange(null, null, blocks);
        Assert.Equal("0", db.GetProperty("rocksdb.live-blob-file-garbage-size", blocks));
        Assert.Equal("0", db.GetProperty("rocksdb.live-blob-file-size", blocks));
    }

    [Theory]
    [InlineData(Compression.No)]
    [InlineData(Compression.Snappy)]
    [InlineData(Compression.Lz4)]
    [InlineData(Compression.Zstd)]
    public void Every_compression_in_the_packages_reads_back(Compression compression)
    {
        using DbOptions options = new DbOptions()
            .SetCreateIfMissing().SetCompression(compression).SetBottommostCompression(compression);
        using RocksDb db = RocksDb.Open(options, _folder.Path);
        using FlushOptions flush = new();
        byte[] value = new byte[100_000];

        db.Put("k"u8, value);
        db.Flush(flush);

        Assert.Equal(value, db.Get("k"u8));
        long bytes = new DirectoryInfo(_folder.Path).GetFiles("*.sst").Sum(file => file.Length);
        Assert.Equal(compression == Compression.No, bytes > value.Length);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void A_bloom_filter_has_the_bits_asked_for(int bitsPerKey)
    {
        const int Keys = 20_000;
        using Cache cache = Cache.CreateLru(8 << 20);
        using BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetFilterPolicy(BloomFilterPolicy.Create(bitsPerKey, useBlockBasedBuilder: false))
            .SetBlockCache(cache).SetCacheIndexAndFilterBlocks(true).SetPinL0FilterAndIndexBlocksInCache(true)
            .SetBlockSize(16 << 10).SetFormatVersion(5);
        using DbOptions options = new DbOptions().SetCreateIfMissing().SetBlockBasedTableFactory(table);
        using RocksDb db = RocksDb.Open(options, _folder.Path);
        using FlushOptions flush = new();
        using WriteBatch batch = new();
        for (int key = 0; key < Keys; key++)
            batch.Put(BitConverter.GetBytes(key), Array.Empty<byte>());

        db.Write(batch);
        db.Flush(flush);

        string properties = db.GetProperty("rocksdb.aggregated-table-properties") ?? "";
        long bits = 8 * long.Parse(FilterBytes().Match(properties).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(bits, Keys * (bitsPerKey - 1L), Keys * (bitsPerKey + 1L));
        Assert.True(cache.GetUsage() >= (ulong)(bits / 8));
    }

    [Fact]
    public void A_database_opens_with_every_option_set()
    {
        using Cache cache = Cache.CreateLru(1 << 20, numShardBits: 1);
        using BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockRestartInterval(8).SetWholeKeyFiltering(true).SetIndexType(BlockBasedTableIndexType.TwoLevelIndex)
            .SetPartitionFilters(true).SetMetadataBlockSize(8 << 10)
            .SetCacheIndexAndFilterBlocksWithHighPriority(true).SetNoBlockCache(false).SetBlockCache(cache);
        using DbOptions options = new DbOptions()
            .SetCreateIfMissing().SetErrorIfExists().SetParanoidChecks().SetInfoLogLevel(InfoLogLevel.Warn)
            .SetMaxOpenFiles(100).SetMaxFileOpeningThreads(2).SetMaxTotalWalSize(1 << 20)
            .SetWalRecoveryMode(Recovery.PointInTime).SetWalCompression(Compression.Zstd).SetManualWalFlush(false)
            .SetWalDir(_folder.Beside("wal")).SetDbLogDir(_folder.Beside("log"))
            .SetWalBytesPerSync(1 << 20).SetBytesPerSync(1 << 20).SetUseFsync(0).SetRecycleLogFileNum(0)
            .SetMaxLogFileSize(1 << 20).SetLogFileTimeToRoll(0).SetKeepLogFileNum(2).SetMaxManifestFileSize(1 << 20)
            .SetManifestPreallocationSize(1 << 16).SetStatsDumpPeriodSec(0).SetDbWriteBufferSize(4 << 20)
            .SetMaxBackgroundJobs(2).IncreaseParallelism(2).SkipStatsUpdateOnOpen(true).SetAllowMmapReads(false)
            .SetUseDirectReads(false).SetAtomicFlush(false).SetAllowConcurrentMemtableWrite(true)
            .SetEnablePipelinedWrite(false).SetUnorderedWrite(false).SetWriteBufferSize(1 << 20)
            .SetMaxWriteBufferNumber(3).SetMinWriteBufferNumberToMerge(1).SetCompactionStyle(Compaction.Level)
            .SetNumLevels(6).SetLevel0FileNumCompactionTrigger(4).SetLevel0SlowdownWritesTrigger(20)
            .SetLevel0StopWritesTrigger(36).SetTargetFileSizeBase(1 << 20).SetTargetFileSizeMultiplier(1)
            .SetMaxBytesForLevelBase(4 << 20).SetMaxBytesForLevelMultiplier(8)
            .SetLevelCompactionDynamicLevelBytes(true).SetDisableAutoCompactions(0).SetOptimizeFiltersForHits(1)
            .SetMemtableWholeKeyFiltering(true).SetMemtablePrefixBloomSizeRatio(0.1)
            .SetBlobCompactionReadaheadSize(0).SetBlobFileStartingLevel(0).SetBlockBasedTableFactory(table);

        using RocksDb db = RocksDb.Open(options, _folder.Path);
        db.Put("k", "v");

        Assert.Equal("v", db.Get("k"));
        Assert.NotEmpty(Directory.GetFiles(_folder.Beside("wal"), "*.log"));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.log"));
        string written = File.ReadAllText(Directory.GetFiles(_folder.Path, "OPTIONS-*").Max()!); // One is there.
        Assert.Contains("max_total_wal_size=1048576", written, StringComparison.Ordinal);
        Assert.Contains("db_write_buffer_size=4194304", written, StringComparison.Ordinal);
        Assert.Contains("max_open_files=100", written, StringComparison.Ordinal);
        Assert.Contains("wal_compression=kZSTD", written, StringComparison.Ordinal);
        Assert.Contains("max_bytes_for_level_multiplier=8", written, StringComparison.Ordinal);
        Assert.Contains("memtable_prefix_bloom_size_ratio=0.1", written, StringComparison.Ordinal);
        Assert.Contains("index_type=kTwoLevelIndexSearch", written, StringComparison.Ordinal);
        Assert.Contains("partition_filters=true", written, StringComparison.Ordinal);
        Assert.Contains("metadata_block_size=8192", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Recycled_logs_are_reused()
    {
        using DbOptions options = new DbOptions()
            .SetCreateIfMissing().SetRecycleLogFileNum(2).SetWriteBufferSize(64 << 10).SetMaxTotalWalSize(256 << 10);
        using (RocksDb db = RocksDb.Open(options, _folder.Path))
        {
            byte[] value = new byte[1000];
            for (int key = 0; key < 500; key++)
                db.Put(BitConverter.GetBytes(key), value);
        }

        using RocksDb reopened = RocksDb.Open(options, _folder.Path);
        Assert.Equal(1000, reopened.Get(BitConverter.GetBytes(499))?.Length);
    }

    private string[] BlobFiles() => Directory.GetFiles(_folder.Path, "*.blob");

    [GeneratedRegex("filter block size=(\\d+)")]
    private static partial Regex FilterBytes();
}
