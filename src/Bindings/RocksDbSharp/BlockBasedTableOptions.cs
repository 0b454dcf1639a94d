namespace RocksDbSharp;

/// <summary>The format of table files: blocks, their cache, index and filter.</summary>
/// <remarks>
/// <see cref="Options{T}.SetBlockBasedTableFactory"/> copies them, so that one set serves many families.
/// </remarks>
public sealed class BlockBasedTableOptions : IDisposable
{
    public unsafe BlockBasedTableOptions()
    {
        Handle = new NativeHandle(
            Native.rocksdb_block_based_options_create(), &Native.rocksdb_block_based_options_destroy, owner: null);
    }

    internal NativeHandle Handle { get; }

    private nint Pointer => Handle.Pointer;

    /// <summary>Bytes of one block before compression; 4 KiB by default.</summary>
    public BlockBasedTableOptions SetBlockSize(ulong blockSize)
    {
        Native.rocksdb_block_based_options_set_block_size(Pointer, (nuint)blockSize);
        return this;
    }

    /// <summary>Keys between two that are stored whole; 16 by default.</summary>
    public BlockBasedTableOptions SetBlockRestartInterval(int interval)
    {
        Native.rocksdb_block_based_options_set_block_restart_interval(Pointer, interval);
        return this;
    }

    /// <summary>Sets the filter that spares a lookup the tables that lack its key.</summary>
    public BlockBasedTableOptions SetFilterPolicy(BloomFilterPolicy filterPolicy)
    {
        ArgumentNullException.ThrowIfNull(filterPolicy);
        Native.rocksdb_block_based_options_set_filter_policy(Pointer, filterPolicy.CreateOwnedByTable());
        return this;
    }

    public BlockBasedTableOptions SetNoBlockCache(bool noBlockCache)
    {
        Native.rocksdb_block_based_options_set_no_block_cache(Pointer, noBlockCache ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>Shares a cache of uncompressed blocks; without one each column family gets 8 MiB of its own.</summary>
    public BlockBasedTableOptions SetBlockCache(Cache blockCache)
    {
        ArgumentNullException.ThrowIfNull(blockCache);
        using NativeHandle.Lease cache = blockCache.Handle.Acquire();
        Native.rocksdb_block_based_options_set_block_cache(Pointer, cache.Pointer);
        return this;
    }

    /// <summary>Filters whole keys, besides prefixes. On by default.</summary>
    public BlockBasedTableOptions SetWholeKeyFiltering(bool wholeKeyFiltering)
    {
        Native.rocksdb_block_based_options_set_whole_key_filtering(Pointer, wholeKeyFiltering ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>The version of the table format; 5 is readable by every engine this binding supports.</summary>
    public BlockBasedTableOptions SetFormatVersion(int formatVersion)
    {
        Native.rocksdb_block_based_options_set_format_version(Pointer, formatVersion);
        return this;
    }

    public BlockBasedTableOptions SetIndexType(BlockBasedTableIndexType indexType)
    {
        Native.rocksdb_block_based_options_set_index_type(Pointer, (int)indexType);
        return this;
    }

    /// <summary>
    /// Splits filters as <see cref="BlockBasedTableIndexType.TwoLevelIndex"/> splits indexes; needs that.
    /// </summary>
    public BlockBasedTableOptions SetPartitionFilters(bool partition)
    {
        Native.rocksdb_block_based_options_set_partition_filters(Pointer, partition ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>Bytes of a part of a split index or filter; 4 KiB by default.</summary>
    public BlockBasedTableOptions SetMetadataBlockSize(ulong size)
    {
        Native.rocksdb_block_based_options_set_metadata_block_size(Pointer, size);
        return this;
    }

    /// <summary>Counts index and filter blocks against the block cache, which bounds memory. Off by default.</summary>
    public BlockBasedTableOptions SetCacheIndexAndFilterBlocks(bool cache)
    {
        Native.rocksdb_block_based_options_set_cache_index_and_filter_blocks(Pointer, cache ? (byte)1 : (byte)0);
        return this;
    }

    public BlockBasedTableOptions SetCacheIndexAndFilterBlocksWithHighPriority(bool highPriority)
    {
        Native.rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(
            Pointer, highPriority ? (byte)1 : (byte)0);
        return this;
    }

    public BlockBasedTableOptions SetPinL0FilterAndIndexBlocksInCache(bool pin)
    {
        Native.rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(
            Pointer, pin ? (byte)1 : (byte)0);
        return this;
    }

    public void Dispose() => Handle.Dispose();
}
