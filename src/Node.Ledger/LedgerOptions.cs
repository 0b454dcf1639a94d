using Node.Ledger.Storage;

namespace Node.Ledger;

/// <summary>What a ledger may use of its machine. The defaults keep a peer small on a Raspberry Pi.</summary>
public sealed record LedgerOptions
{
    private const long MiB = 1 << 20;

    public static LedgerOptions Default { get; } = new();

    /// <summary>Bytes of memtables, over all column families. Default 16 MiB; less flushes more often.</summary>
    public long MemtableBytes { get; init; } = 16 * MiB;

    /// <summary>Bytes of cached blocks of table files, indexes and filters included. Default 16 MiB.</summary>
    public long CacheBytes { get; init; } = 16 * MiB;

    /// <summary>
    /// Bytes of write-ahead log after which memtables are flushed; bounds the time to open. Default 64 MiB.
    /// </summary>
    public long WriteAheadBytes { get; init; } = 64 * MiB;

    /// <summary>Table and blob files kept open. Default 512.</summary>
    public int OpenFilesMax { get; init; } = 512;

    /// <summary>What the ledger's bytes lie on.</summary>
    internal IStorageEngine Engine { get; init; } = RocksEngine.Instance;
}
