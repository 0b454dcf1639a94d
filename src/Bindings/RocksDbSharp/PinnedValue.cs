namespace RocksDbSharp;

/// <summary>A value read in place: its bytes lie in the engine's memory and are not copied.</summary>
/// <remarks>
/// Holds a block of the cache, or a memtable, until disposed, so dispose it soon and once: hold it in a
/// <c>using</c>, and do not copy it. <see cref="Bytes"/> must not be touched afterwards.
/// </remarks>
public unsafe ref struct PinnedValue
{
    private readonly NativeHandle _columnFamily;
    private nint _slice;

    /// <param name="columnFamily">The caller holds a lease on it.</param>
    internal PinnedValue(nint slice, NativeHandle columnFamily)
    {
        _columnFamily = columnFamily;
        _slice = slice;
        if (slice == 0)
            return;

        nuint bytes = 0;
        byte* value = Native.rocksdb_pinnableslice_value(slice, &bytes);
        Bytes = new ReadOnlySpan<byte>(value, checked((int)bytes));
        Found = true;

        // The block belongs to a cache that may end with the database.
        columnFamily.AddReferenceWhileLeased();
    }

    /// <summary>Whether the key is there. An empty value is found, too.</summary>
    public bool Found { get; private set; }

    /// <summary>The value; empty when not found.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public void Dispose()
    {
        nint slice = _slice;
        if (slice == 0)
            return;

        _slice = 0;
        Bytes = default;
        Native.rocksdb_pinnableslice_destroy(slice);
        _columnFamily.DangerousRelease();
    }
}
