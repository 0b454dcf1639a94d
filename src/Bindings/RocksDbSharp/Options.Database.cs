namespace RocksDbSharp;

// What concerns the whole database: logs, files, threads.
public abstract partial class Options<T>
{
    /// <summary>Creates the database when its directory holds none. Off by default.</summary>
    public T SetCreateIfMissing(bool value = true)
    {
        Native.rocksdb_options_set_create_if_missing(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Creates the column families named at open that do not exist. Off by default.</summary>
    public T SetCreateMissingColumnFamilies(bool value = true)
    {
        Native.rocksdb_options_set_create_missing_column_families(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Refuses to open a database that exists. Off by default.</summary>
    public T SetErrorIfExists(bool value = true)
    {
        Native.rocksdb_options_set_error_if_exists(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Stops accepting writes after a failed one, and checks files at open. On by default.</summary>
    public T SetParanoidChecks(bool value = true)
    {
        Native.rocksdb_options_set_paranoid_checks(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>What reaches the engine's own <c>LOG</c> file.</summary>
    public T SetInfoLogLevel(InfoLogLevel value)
    {
        Native.rocksdb_options_set_info_log_level(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Table and blob files kept open; -1 keeps all open and is the fastest.</summary>
    public T SetMaxOpenFiles(int value)
    {
        Native.rocksdb_options_set_max_open_files(Pointer, value);
        return (T)this;
    }

    /// <summary>Threads that open files at start when all are kept open.</summary>
    public T SetMaxFileOpeningThreads(int value)
    {
        Native.rocksdb_options_set_max_file_opening_threads(Pointer, value);
        return (T)this;
    }

    /// <summary>
    /// Bytes of write-ahead log that force a flush of the memtable holding the oldest of it; 0 derives it.
    /// </summary>
    public T SetMaxTotalWalSize(ulong value)
    {
        Native.rocksdb_options_set_max_total_wal_size(Pointer, value);
        return (T)this;
    }

    /// <summary>What a damaged tail of the write-ahead log means at open.</summary>
    public T SetWalRecoveryMode(Recovery value)
    {
        Native.rocksdb_options_set_wal_recovery_mode(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Compression of the write-ahead log: none or Zstandard. None by default.</summary>
    public T SetWalCompression(Compression value)
    {
        Native.rocksdb_options_set_wal_compression(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Leaves written log bytes in memory until <see cref="RocksDb.FlushWal"/>. Off by default.</summary>
    public T SetManualWalFlush(bool value)
    {
        Native.rocksdb_options_set_manual_wal_flush(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Seconds an obsolete log file is archived for; 0 deletes it at once.</summary>
    public T SetWALTtlSeconds(ulong value)
    {
        Native.rocksdb_options_set_WAL_ttl_seconds(Pointer, value);
        return (T)this;
    }

    /// <summary>Megabytes of archived log files; 0 keeps none.</summary>
    public T SetWALSizeLimitMB(ulong value)
    {
        Native.rocksdb_options_set_WAL_size_limit_MB(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes of log after which write-back is started in the background; 0 leaves it to the system.</summary>
    public T SetWalBytesPerSync(ulong value)
    {
        Native.rocksdb_options_set_wal_bytes_per_sync(Pointer, value);
        return (T)this;
    }

    /// <summary>As <see cref="SetWalBytesPerSync"/>, for table files.</summary>
    public T SetBytesPerSync(ulong value)
    {
        Native.rocksdb_options_set_bytes_per_sync(Pointer, value);
        return (T)this;
    }

    /// <summary>1 uses fsync where the default is fdatasync.</summary>
    public T SetUseFsync(int value)
    {
        Native.rocksdb_options_set_use_fsync(Pointer, value);
        return (T)this;
    }

    /// <summary>Obsolete log files kept for reuse, so that a synced append need not grow a file.</summary>
    public T SetRecycleLogFileNum(ulong value)
    {
        Native.rocksdb_options_set_recycle_log_file_num(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Bytes after which the <c>LOG</c> file is rolled; 0 never.</summary>
    public T SetMaxLogFileSize(ulong value)
    {
        Native.rocksdb_options_set_max_log_file_size(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Seconds after which the <c>LOG</c> file is rolled; 0 never.</summary>
    public T SetLogFileTimeToRoll(ulong value)
    {
        Native.rocksdb_options_set_log_file_time_to_roll(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Rolled <c>LOG</c> files that are kept; 1000 by default.</summary>
    public T SetKeepLogFileNum(ulong value)
    {
        Native.rocksdb_options_set_keep_log_file_num(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Bytes after which the manifest is rolled over.</summary>
    public T SetMaxManifestFileSize(ulong value)
    {
        Native.rocksdb_options_set_max_manifest_file_size(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Bytes allocated ahead for the manifest; 4 MiB by default.</summary>
    public T SetManifestPreallocationSize(ulong value)
    {
        Native.rocksdb_options_set_manifest_preallocation_size(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Seconds between dumps of statistics into <c>LOG</c>; 0 never.</summary>
    public T SetStatsDumpPeriodSec(uint value)
    {
        Native.rocksdb_options_set_stats_dump_period_sec(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes of all memtables together that force a flush; 0 is no limit.</summary>
    public T SetDbWriteBufferSize(ulong value)
    {
        Native.rocksdb_options_set_db_write_buffer_size(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Flushes and compactions that may run at once; 2 by default.</summary>
    public T SetMaxBackgroundJobs(int value)
    {
        Native.rocksdb_options_set_max_background_jobs(Pointer, value);
        return (T)this;
    }

    /// <summary>Opens faster, with compaction knowing less at first.</summary>
    public T SkipStatsUpdateOnOpen(bool value = false)
    {
        Native.rocksdb_options_set_skip_stats_update_on_db_open(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Reads table files through memory mapping.</summary>
    public T SetAllowMmapReads(bool value)
    {
        Native.rocksdb_options_set_allow_mmap_reads(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Reads table files past the system's page cache.</summary>
    public T SetUseDirectReads(bool value)
    {
        Native.rocksdb_options_set_use_direct_reads(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Flushes all column families together; needed only without the write-ahead log.</summary>
    public T SetAtomicFlush(bool value)
    {
        Native.rocksdb_options_set_atomic_flush(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Lets several writers fill the memtable at once. On by default.</summary>
    public T SetAllowConcurrentMemtableWrite(bool value)
    {
        Native.rocksdb_options_set_allow_concurrent_memtable_write(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Separates the log and memtable stages of a write.</summary>
    public T SetEnablePipelinedWrite(bool value)
    {
        Native.rocksdb_options_set_enable_pipelined_write(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Trades the isolation of snapshots for throughput.</summary>
    public T SetUnorderedWrite(bool value)
    {
        Native.rocksdb_options_set_unordered_write(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Where the write-ahead log lies; beside the tables by default.</summary>
    public T SetWalDir(string value)
    {
        Native.rocksdb_options_set_wal_dir(Pointer, RocksDb.CheckText(value));
        return (T)this;
    }

    /// <summary>Where the <c>LOG</c> file lies; beside the tables by default.</summary>
    public T SetDbLogDir(string value)
    {
        Native.rocksdb_options_set_db_log_dir(Pointer, RocksDb.CheckText(value));
        return (T)this;
    }

    /// <summary>Gives the engine this many background threads in all.</summary>
    public T IncreaseParallelism(int totalThreads)
    {
        Native.rocksdb_options_increase_parallelism(Pointer, totalThreads);
        return (T)this;
    }

    /// <summary>Counts what the engine does, for <see cref="GetStatisticsString"/>. Costs a few percent.</summary>
    public T EnableStatistics()
    {
        Native.rocksdb_options_enable_statistics(Pointer);
        return (T)this;
    }

    /// <summary>The counters and histograms so far, one per line; null when statistics are off.</summary>
    public string? GetStatisticsString() =>
        RocksDb.TakeText(Native.rocksdb_options_statistics_get_string(Pointer));
}
