namespace RocksDbSharp;

/// <summary>A cache of uncompressed blocks, shared by whatever it is given to, which also keeps it alive.</summary>
public sealed class Cache : IDisposable
{
    private unsafe Cache(nint pointer)
    {
        Handle = new NativeHandle(pointer, &Native.rocksdb_cache_destroy, owner: null);
    }

    internal NativeHandle Handle { get; }

    /// <summary>Creates a cache that evicts what was used least recently.</summary>
    /// <param name="capacity">Bytes. Blocks in use may exceed it.</param>
    public static Cache CreateLru(ulong capacity) => new(Native.rocksdb_cache_create_lru((nuint)capacity));

    /// <summary>As above, in 2^<paramref name="numShardBits"/> parts with a lock each.</summary>
    /// <remarks>
    /// A block larger than a part is never cached, and the engine's own choice makes parts of 512 KiB: too small for
    /// the
    /// filter of a large table.
    /// </remarks>
    public static Cache CreateLru(ulong capacity, int numShardBits)
    {
        nint options = Native.rocksdb_lru_cache_options_create();
        Native.rocksdb_lru_cache_options_set_capacity(options, (nuint)capacity);
        Native.rocksdb_lru_cache_options_set_num_shard_bits(options, numShardBits);
        nint cache = Native.rocksdb_cache_create_lru_opts(options);
        Native.rocksdb_lru_cache_options_destroy(options);
        return new Cache(cache);
    }

    /// <summary>Bytes held now.</summary>
    public ulong GetUsage()
    {
        using NativeHandle.Lease cache = Handle.Acquire();
        return Native.rocksdb_cache_get_usage(cache.Pointer);
    }

    /// <summary>Bytes held now that cannot be evicted, being in use.</summary>
    public ulong GetPinnedUsage()
    {
        using NativeHandle.Lease cache = Handle.Acquire();
        return Native.rocksdb_cache_get_pinned_usage(cache.Pointer);
    }

    public Cache SetCapacity(ulong capacity)
    {
        using NativeHandle.Lease cache = Handle.Acquire();
        Native.rocksdb_cache_set_capacity(cache.Pointer, (nuint)capacity);
        return this;
    }

    public void Dispose() => Handle.Dispose();
}
