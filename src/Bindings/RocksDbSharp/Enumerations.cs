namespace RocksDbSharp;

/// <summary>How blocks, blobs or log records are compressed. Values are on disk.</summary>
public enum Compression
{
    No = 0,
    Snappy = 1,
    Zlib = 2,
    Bz2 = 3,
    Lz4 = 4,
    Lz4hc = 5,
    Xpress = 6,
    Zstd = 7,
}

public enum Compaction
{
    Level = 0,
    Universal = 1,
    Fifo = 2,
}

/// <summary>What the engine makes of a write-ahead log that does not end cleanly.</summary>
public enum Recovery
{
    /// <summary>A torn last record is dropped; anything else that is damaged refuses to open.</summary>
    TolerateCorruptedTailRecords = 0,

    /// <summary>Any damage refuses to open.</summary>
    AbsoluteConsistency = 1,

    /// <summary>Replays up to the first damage, then stops. The engine's default.</summary>
    PointInTime = 2,

    /// <summary>Skips what is damaged and replays the rest.</summary>
    SkipAnyCorruptedRecords = 3,
}

public enum InfoLogLevel
{
    Debug = 0,
    Info = 1,
    Warn = 2,
    Error = 3,
    Fatal = 4,
    Header = 5,
}

public enum BlockBasedTableIndexType
{
    BinarySearch = 0,
    Hash = 1,
    TwoLevelIndex = 2,
}

/// <summary>How far a read may go.</summary>
public enum ReadTier
{
    ReadAllTier = 0,

    /// <summary>Memory only: what would need the disk is reported as an error.</summary>
    BlockCacheTier = 1,
}
