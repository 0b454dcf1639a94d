using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>Names and settings of a ledger's column families.</summary>
/// <remarks>
/// Chosen for a peer in 200 MB: memtables share one budget, and indexes and filters count against the block cache.
/// Blocks go to blob files whole, so that compaction moves keys only and the certificates that repeat in a block
/// compress.
/// </remarks>
internal static class ColumnFamilySet
{
    public const string Meta = "meta";
    public const string Blocks = "blocks";
    public const string Hashes = "hashes";
    public const string TxIds = "txids";
    public const string State = "state";
    public const string History = "history";
    public const string Tree = "tree";

    private const ulong KiB = 1024;
    private const ulong MiB = 1024 * KiB;

    // Few, hence large parts: a block that does not fit into one is read from disk at every lookup. Measured: with the
    // engine's 64 parts of 512 KiB a lookup among 750,000 keys took 190 to 325 microseconds.
    private const int CacheShardBits = 2;

    /// <summary>In the order of the families of <see cref="LedgerDatabase"/>.</summary>
    public static string[] Names { get; } = [Meta, Blocks, Hashes, TxIds, State, History, Tree];

    public static Cache NewCache(LedgerOptions options) =>
        Cache.CreateLru((ulong)options.CacheBytes, CacheShardBits);

    public static RocksDb Open(string folder, LedgerOptions options, Cache cache)
    {
        using DbOptions database = new DbOptions()
            .SetCreateIfMissing()
            .SetCreateMissingColumnFamilies()
            .SetDbWriteBufferSize((ulong)options.MemtableBytes)
            .SetMaxTotalWalSize((ulong)options.WriteAheadBytes)
            .SetMaxOpenFiles(options.OpenFilesMax)
            .SetMaxBackgroundJobs(2)
            .SetKeepLogFileNum(4)
            .SetMaxLogFileSize(MiB)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetStatsDumpPeriodSec(0)
            // A torn tail is what a crash leaves; damage anywhere else must not silently end the chain earlier.
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords);

        return Using(cache, options, families => RocksDb.Open(database, folder, families));
    }

    /// <param name="logFolder">Where the engine keeps its own log, so that the ledger's folder is only read.</param>
    public static RocksDb OpenReadOnly(string folder, string logFolder)
    {
        // All tables are opened now and kept: a process that writes meanwhile may remove files at any time. A damaged
        // log is refused as the writer refuses it: no chain that silently ends early.
        using DbOptions database = new DbOptions()
            .SetMaxOpenFiles(-1)
            .SetDbLogDir(logFolder)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords);
        using Cache cache = NewCache(LedgerOptions.Default);
        return Using(
            cache, LedgerOptions.Default,
            families => RocksDb.OpenReadOnly(database, folder, families, errIfLogFileExists: false));
    }

    private static RocksDb Using(Cache cache, LedgerOptions options, Func<ColumnFamilies, RocksDb> open)
    {
        using BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockCache(cache)
            .SetBlockSize(8 * KiB)
            .SetIndexType(BlockBasedTableIndexType.TwoLevelIndex)
            .SetPartitionFilters(true)
            .SetMetadataBlockSize(16 * KiB)
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true)
            .SetFilterPolicy(BloomFilterPolicy.Create(bitsPerKey: 10, useBlockBasedBuilder: false));

        ulong memtable = (ulong)options.MemtableBytes / 4;
        using ColumnFamilyOptions small = Common(table, memtable / 2);
        using ColumnFamilyOptions scanned = Common(table, memtable);

        // Most lookups here are for what is not there: a new transaction's id.
        using ColumnFamilyOptions ids = Common(table, memtable / 2)
            .SetMemtableWholeKeyFiltering(true)
            .SetMemtablePrefixBloomSizeRatio(0.1);
        using ColumnFamilyOptions state = Common(table, memtable)
            .SetMemtableWholeKeyFiltering(true)
            .SetMemtablePrefixBloomSizeRatio(0.05);
        using ColumnFamilyOptions blocks = Common(table, memtable)
            .SetEnableBlobFiles(true)
            // A block is larger; what is left of a pruned one is not, and lies in tables, where neighbours compress.
            .SetMinBlobSize(4 * KiB)
            .SetBlobFileSize(128 * MiB)
            .SetBlobCompressionType(Compression.Zstd);

        return open(new ColumnFamilies(small)
        {
            { Meta, small }, { Blocks, blocks }, { Hashes, small }, { TxIds, ids }, { State, state },
            { History, scanned }, { Tree, small },
        });
    }

    private static ColumnFamilyOptions Common(BlockBasedTableOptions table, ulong memtable) =>
        new ColumnFamilyOptions()
            .SetWriteBufferSize(memtable)
            .SetCompression(Compression.Lz4)
            .SetBottommostCompression(Compression.Zstd)
            .SetLevelCompactionDynamicLevelBytes(true)
            .SetTargetFileSizeBase(16 * MiB)
            .SetMaxBytesForLevelBase(64 * MiB)
            .SetBlockBasedTableFactory(table);
}
