using System.Runtime.InteropServices;
using System.Text;

namespace RocksDbSharp;

/// <summary>How to read. Shared freely between threads once set up; an iterator keeps its own alive.</summary>
/// <remarks>
/// The bytes of bounds are kept until disposal: make one per scan rather than moving the bounds of one.
/// </remarks>
public sealed class ReadOptions : IDisposable
{
    public ReadOptions()
    {
        Handle = new ReadOptionsHandle(Native.rocksdb_readoptions_create());
    }

    internal ReadOptionsHandle Handle { get; }

    private nint Pointer => Handle.Pointer;

    /// <summary>Checks the checksum of each block read from disk. On by default.</summary>
    public ReadOptions SetVerifyChecksums(bool value)
    {
        Native.rocksdb_readoptions_set_verify_checksums(Pointer, value ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>Keeps what is read in the block cache. On by default; off for large scans.</summary>
    public ReadOptions SetFillCache(bool value)
    {
        Native.rocksdb_readoptions_set_fill_cache(Pointer, value ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>
    /// Reads the state of the snapshot, which stays alive as long as these options; null reads the newest.
    /// </summary>
    public ReadOptions SetSnapshot(Snapshot? snapshot)
    {
        Handle.SetSnapshot(snapshot?.Handle);
        return this;
    }

    /// <summary>Ends iteration before this key.</summary>
    public unsafe ReadOptions SetIterateUpperBound(ReadOnlySpan<byte> key)
    {
        Native.rocksdb_readoptions_set_iterate_upper_bound(Pointer, Handle.Keep(key), (nuint)key.Length);
        return this;
    }

    public ReadOptions SetIterateUpperBound(byte[] key) => SetIterateUpperBound(key.AsSpan());

    public ReadOptions SetIterateUpperBound(string stringKey) =>
        SetIterateUpperBound(Encoding.UTF8.GetBytes(stringKey));

    /// <summary>Starts iteration at this key; going back stops at it.</summary>
    public unsafe ReadOptions SetIterateLowerBound(ReadOnlySpan<byte> key)
    {
        Native.rocksdb_readoptions_set_iterate_lower_bound(Pointer, Handle.Keep(key), (nuint)key.Length);
        return this;
    }

    public ReadOptions SetIterateLowerBound(byte[] key) => SetIterateLowerBound(key.AsSpan());

    public ReadOptions SetIterateLowerBound(string stringKey) =>
        SetIterateLowerBound(Encoding.UTF8.GetBytes(stringKey));

    public ReadOptions SetReadTier(ReadTier value)
    {
        Native.rocksdb_readoptions_set_read_tier(Pointer, (int)value);
        return this;
    }

    public ReadOptions SetTailing(bool value)
    {
        Native.rocksdb_readoptions_set_tailing(Pointer, value ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>Bytes an iterator reads ahead; 0 grows by itself.</summary>
    public ReadOptions SetReadaheadSize(ulong size)
    {
        Native.rocksdb_readoptions_set_readahead_size(Pointer, (nuint)size);
        return this;
    }

    public ReadOptions SetPinData(bool enable)
    {
        Native.rocksdb_readoptions_set_pin_data(Pointer, enable ? (byte)1 : (byte)0);
        return this;
    }

    public ReadOptions SetTotalOrderSeek(bool enable)
    {
        Native.rocksdb_readoptions_set_total_order_seek(Pointer, enable ? (byte)1 : (byte)0);
        return this;
    }

    public ReadOptions SetPrefixSameAsStart(bool enable)
    {
        Native.rocksdb_readoptions_set_prefix_same_as_start(Pointer, enable ? (byte)1 : (byte)0);
        return this;
    }

    public void Dispose() => Handle.Dispose();
}

/// <summary>Owns read options together with what the engine only points to: bounds and the snapshot.</summary>
internal sealed unsafe class ReadOptionsHandle(nint pointer)
    : NativeHandle(pointer, &Native.rocksdb_readoptions_destroy, owner: null)
{
    private readonly List<nint> _bounds = [];
    private NativeHandle? _snapshot;

    /// <summary>
    /// Copies bytes to where they stay put until release: live iterators may point to earlier bounds.
    /// </summary>
    public byte* Keep(ReadOnlySpan<byte> bytes)
    {
        _ = Pointer; // Refuses when disposed: nothing would free the copy.
        var copy = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes.Length, 1));
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        _bounds.Add((nint)copy);
        return copy;
    }

    public void SetSnapshot(NativeHandle? snapshot)
    {
        nint options = Pointer;
        snapshot?.AddReference();
        Native.rocksdb_readoptions_set_snapshot(options, snapshot?.DangerousGetHandle() ?? 0);
        _snapshot?.DangerousRelease();
        _snapshot = snapshot;
    }

    protected override void Destroy()
    {
        base.Destroy();
        foreach (nint bound in _bounds)
            NativeMemory.Free((void*)bound);

        _snapshot?.DangerousRelease();
    }
}
