using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>Names and settings of the column families of an orderer's store.</summary>
internal static class OrdererFamilySet
{
    public static readonly StorageFamily Meta = new(0);
    public static readonly StorageFamily Log = new(1);
    public static readonly StorageFamily Blocks = new(2);

    private const ulong KiB = 1024;
    private const ulong MiB = 1024 * KiB;

    /// <summary>In the order of the families above.</summary>
    public static string[] Names { get; } = ["meta", "log", "blocks"];

    /// <summary>Few, because followers are served from the tail in memory.</summary>
    public const ulong CacheBytes = 4 * MiB;

    public static RocksDb Open(string folder, Cache cache)
    {
        // The engine's share of an orderer's memory: small memtables, since what is in them is read back at most once.
        using var table = new BlockBasedTableOptions();
        table.SetBlockCache(cache).SetCacheIndexAndFilterBlocks(true);

        using DbOptions options = new DbOptions()
            .SetCreateIfMissing()
            .SetCreateMissingColumnFamilies()
            .SetMaxTotalWalSize(16 * MiB)
            .SetDbWriteBufferSize(12 * MiB)
            .SetMaxOpenFiles(256)
            .SetMaxBackgroundJobs(2)
            .SetKeepLogFileNum(4)
            .SetMaxLogFileSize(1 * MiB)
            .SetStatsDumpPeriodSec(0);

        // Entries live for a moment: most are deleted before their memtable is flushed.
        using ColumnFamilyOptions small = new ColumnFamilyOptions()
            .SetWriteBufferSize(4 * MiB)
            .SetCompression(Compression.Lz4)
            .SetBlockBasedTableFactory(table);

        // A whole block is one value, so that the certificates that repeat in it compress.
        using ColumnFamilyOptions blocks = new ColumnFamilyOptions()
            .SetWriteBufferSize(4 * MiB)
            .SetEnableBlobFiles(true)
            .SetMinBlobSize(KiB)
            .SetBlobFileSize(256 * MiB)
            .SetBlobCompressionType(Compression.Lz4)
            .SetBlockBasedTableFactory(table);

        return RocksDb.Open(
            options,
            folder,
            new ColumnFamilies(small)
            {
                { Names[Meta.Index], small }, { Names[Log.Index], small }, { Names[Blocks.Index], blocks },
            });
    }
}
