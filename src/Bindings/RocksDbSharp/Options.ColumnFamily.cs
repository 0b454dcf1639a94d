namespace RocksDbSharp;

// What concerns one column family: memtables, levels, tables, blobs.
public abstract partial class Options<T>
{
    /// <summary>Bytes of one memtable; 64 MiB by default.</summary>
    public T SetWriteBufferSize(ulong value)
    {
        Native.rocksdb_options_set_write_buffer_size(Pointer, (nuint)value);
        return (T)this;
    }

    /// <summary>Memtables of one column family, flushing ones included; 2 by default.</summary>
    public T SetMaxWriteBufferNumber(int value)
    {
        Native.rocksdb_options_set_max_write_buffer_number(Pointer, value);
        return (T)this;
    }

    /// <summary>Memtables merged into one flush.</summary>
    public T SetMinWriteBufferNumberToMerge(int value)
    {
        Native.rocksdb_options_set_min_write_buffer_number_to_merge(Pointer, value);
        return (T)this;
    }

    /// <summary>Compression of table files.</summary>
    public T SetCompression(Compression value)
    {
        Native.rocksdb_options_set_compression(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Compression of the last level, where most bytes lie.</summary>
    public T SetBottommostCompression(Compression value)
    {
        Native.rocksdb_options_set_bottommost_compression(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>How levels are merged.</summary>
    public T SetCompactionStyle(Compaction value)
    {
        Native.rocksdb_options_set_compaction_style(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Levels of a levelled column family; 7 by default.</summary>
    public T SetNumLevels(int value)
    {
        Native.rocksdb_options_set_num_levels(Pointer, value);
        return (T)this;
    }

    /// <summary>Files in level 0 that start a compaction; 4 by default.</summary>
    public T SetLevel0FileNumCompactionTrigger(int value)
    {
        Native.rocksdb_options_set_level0_file_num_compaction_trigger(Pointer, value);
        return (T)this;
    }

    /// <summary>Files in level 0 that slow writers down; 20 by default.</summary>
    public T SetLevel0SlowdownWritesTrigger(int value)
    {
        Native.rocksdb_options_set_level0_slowdown_writes_trigger(Pointer, value);
        return (T)this;
    }

    /// <summary>Files in level 0 that stop writers; 36 by default.</summary>
    public T SetLevel0StopWritesTrigger(int value)
    {
        Native.rocksdb_options_set_level0_stop_writes_trigger(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes of a table file in level 1; 64 MiB by default.</summary>
    public T SetTargetFileSizeBase(ulong value)
    {
        Native.rocksdb_options_set_target_file_size_base(Pointer, value);
        return (T)this;
    }

    /// <summary>Growth of that size from level to level.</summary>
    public T SetTargetFileSizeMultiplier(int value)
    {
        Native.rocksdb_options_set_target_file_size_multiplier(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes of level 1; 256 MiB by default.</summary>
    public T SetMaxBytesForLevelBase(ulong value)
    {
        Native.rocksdb_options_set_max_bytes_for_level_base(Pointer, value);
        return (T)this;
    }

    /// <summary>Growth of that size from level to level; 10 by default.</summary>
    public T SetMaxBytesForLevelMultiplier(double value)
    {
        Native.rocksdb_options_set_max_bytes_for_level_multiplier(Pointer, value);
        return (T)this;
    }

    /// <summary>Sizes levels from the last one up, which bounds the space lost to old versions.</summary>
    public T SetLevelCompactionDynamicLevelBytes(bool value)
    {
        Native.rocksdb_options_set_level_compaction_dynamic_level_bytes(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>1 compacts only on request.</summary>
    public T SetDisableAutoCompactions(int value)
    {
        Native.rocksdb_options_set_disable_auto_compactions(Pointer, value);
        return (T)this;
    }

    /// <summary>1 leaves out the filters of the last level, for readers that mostly find.</summary>
    public T SetOptimizeFiltersForHits(int value)
    {
        Native.rocksdb_options_set_optimize_filters_for_hits(Pointer, value);
        return (T)this;
    }

    /// <summary>
    /// Gives memtables a Bloom filter over whole keys; needs <see cref="SetMemtablePrefixBloomSizeRatio"/>.
    /// </summary>
    public T SetMemtableWholeKeyFiltering(bool value)
    {
        Native.rocksdb_options_set_memtable_whole_key_filtering(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Share of a memtable given to its Bloom filter, up to 0.25.</summary>
    public T SetMemtablePrefixBloomSizeRatio(double value)
    {
        Native.rocksdb_options_set_memtable_prefix_bloom_size_ratio(Pointer, value);
        return (T)this;
    }

    /// <summary>Keeps large values in blob files, so that compaction moves keys only. Off by default.</summary>
    public T SetEnableBlobFiles(bool value)
    {
        Native.rocksdb_options_set_enable_blob_files(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Bytes from which a value goes into a blob file; 0 sends all.</summary>
    public T SetMinBlobSize(ulong value)
    {
        Native.rocksdb_options_set_min_blob_size(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes of one blob file; 256 MiB by default.</summary>
    public T SetBlobFileSize(ulong value)
    {
        Native.rocksdb_options_set_blob_file_size(Pointer, value);
        return (T)this;
    }

    /// <summary>Compression of each value in blob files; none by default.</summary>
    public T SetBlobCompressionType(Compression value)
    {
        Native.rocksdb_options_set_blob_compression_type(Pointer, (int)value);
        return (T)this;
    }

    /// <summary>Moves live values out of old blob files during compaction. Off by default.</summary>
    public T SetEnableBlobGC(bool value)
    {
        Native.rocksdb_options_set_enable_blob_gc(Pointer, value ? (byte)1 : (byte)0);
        return (T)this;
    }

    /// <summary>Share of the blob files, oldest first, that collection looks at; 0.25 by default.</summary>
    public T SetBlobGCAgeCutoff(double value)
    {
        Native.rocksdb_options_set_blob_gc_age_cutoff(Pointer, value);
        return (T)this;
    }

    /// <summary>Share of garbage in those files that forces a compaction; 1 is never.</summary>
    public T SetBlobGCForceThreshold(double value)
    {
        Native.rocksdb_options_set_blob_gc_force_threshold(Pointer, value);
        return (T)this;
    }

    /// <summary>Bytes read ahead from blob files by compaction.</summary>
    public T SetBlobCompactionReadaheadSize(ulong value)
    {
        Native.rocksdb_options_set_blob_compaction_readahead_size(Pointer, value);
        return (T)this;
    }

    /// <summary>Level from which values go into blob files; 0 by default.</summary>
    public T SetBlobFileStartingLevel(int value)
    {
        Native.rocksdb_options_set_blob_file_starting_level(Pointer, value);
        return (T)this;
    }

    /// <summary>Sets the format of table files. The options are copied.</summary>
    public T SetBlockBasedTableFactory(BlockBasedTableOptions tableOptions)
    {
        ArgumentNullException.ThrowIfNull(tableOptions);
        using NativeHandle.Lease table = tableOptions.Handle.Acquire();
        Native.rocksdb_options_set_block_based_table_factory(Pointer, table.Pointer);
        return (T)this;
    }

    /// <summary>Sets table options for lookups of single keys, with a block cache of its own.</summary>
    public T OptimizeForPointLookup(ulong blockCacheSizeMb)
    {
        Native.rocksdb_options_optimize_for_point_lookup(Pointer, blockCacheSizeMb);
        return (T)this;
    }

    /// <summary>Sets memtable and level sizes around a budget of memtable bytes.</summary>
    public T OptimizeLevelStyleCompaction(ulong memtableMemoryBudget)
    {
        Native.rocksdb_options_optimize_level_style_compaction(Pointer, memtableMemoryBudget);
        return (T)this;
    }
}
