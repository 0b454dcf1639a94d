using System.Text;

namespace RocksDbSharp;

/// <summary>Walks the keys of one column family in byte order, over the state at its creation.</summary>
/// <remarks>
/// For one thread at a time. Between two moves the spans stay valid; the next move or disposal ends them.
/// <see cref="Valid"/> turning false is the end or an error: call <see cref="CheckError"/> after a scan.
/// </remarks>
public sealed unsafe class Iterator : IDisposable
{
    private readonly NativeHandle _handle;

    /// <remarks>The caller holds leases on the column family and the options.</remarks>
    internal Iterator(nint pointer, NativeHandle columnFamily, NativeHandle? readOptions)
    {
        _handle = new IteratorHandle(pointer, columnFamily, readOptions);
    }

    private nint Pointer => _handle.Pointer;

    /// <summary>Whether it stands on a key.</summary>
    public bool Valid() => Native.rocksdb_iter_valid(Pointer) != 0;

    public Iterator SeekToFirst()
    {
        Native.rocksdb_iter_seek_to_first(Pointer);
        return this;
    }

    public Iterator SeekToLast()
    {
        Native.rocksdb_iter_seek_to_last(Pointer);
        return this;
    }

    /// <summary>Moves to the first key at or after this one.</summary>
    public Iterator Seek(ReadOnlySpan<byte> key)
    {
        fixed (byte* bytes = key)
            Native.rocksdb_iter_seek(Pointer, bytes, (nuint)key.Length);

        return this;
    }

    public Iterator Seek(byte[] key) => Seek(key.AsSpan());

    public Iterator Seek(string key) => Seek(Encoding.UTF8.GetBytes(key));

    /// <summary>Moves to the last key at or before this one.</summary>
    public Iterator SeekForPrev(ReadOnlySpan<byte> key)
    {
        fixed (byte* bytes = key)
            Native.rocksdb_iter_seek_for_prev(Pointer, bytes, (nuint)key.Length);

        return this;
    }

    public Iterator SeekForPrev(byte[] key) => SeekForPrev(key.AsSpan());

    public Iterator SeekForPrev(string key) => SeekForPrev(Encoding.UTF8.GetBytes(key));

    /// <exception cref="InvalidOperationException">It stands on no key.</exception>
    public Iterator Next()
    {
        RequireValid();
        Native.rocksdb_iter_next(Pointer);
        return this;
    }

    /// <exception cref="InvalidOperationException">It stands on no key.</exception>
    public Iterator Prev()
    {
        RequireValid();
        Native.rocksdb_iter_prev(Pointer);
        return this;
    }

    /// <exception cref="InvalidOperationException">It stands on no key.</exception>
    public ReadOnlySpan<byte> GetKeySpan()
    {
        RequireValid();
        nuint bytes = 0;
        byte* key = Native.rocksdb_iter_key(Pointer, &bytes);
        return new ReadOnlySpan<byte>(key, checked((int)bytes));
    }

    /// <exception cref="InvalidOperationException">It stands on no key.</exception>
    public ReadOnlySpan<byte> GetValueSpan()
    {
        RequireValid();
        nuint bytes = 0;
        byte* value = Native.rocksdb_iter_value(Pointer, &bytes);
        return new ReadOnlySpan<byte>(value, checked((int)bytes));
    }

    public byte[] Key() => GetKeySpan().ToArray();

    public byte[] Value() => GetValueSpan().ToArray();

    public string StringKey() => Encoding.UTF8.GetString(GetKeySpan());

    public string StringValue() => Encoding.UTF8.GetString(GetValueSpan());

    /// <summary>Throws what stopped the iteration, if it was not the end.</summary>
    /// <exception cref="RocksDbException">A read failed, or a block is damaged.</exception>
    public void CheckError()
    {
        nint error = 0;
        Native.rocksdb_iter_get_error(Pointer, &error);
        RocksDbException.ThrowIfError(error);
    }

    public void Dispose() => _handle.Dispose();

    // The engine reads through a null pointer here in release builds.
    private void RequireValid()
    {
        if (!Valid())
            throw new InvalidOperationException("The iterator stands on no key; check Valid() first.");
    }

    /// <summary>Owns the engine's iterator and the read options, whose bounds it points to.</summary>
    private sealed class IteratorHandle : NativeHandle
    {
        private readonly NativeHandle? _options;

        public IteratorHandle(nint pointer, NativeHandle columnFamily, NativeHandle? options)
            : base(pointer, &Native.rocksdb_iter_destroy, owner: columnFamily)
        {
            options?.AddReferenceWhileLeased();
            _options = options;
        }

        protected override void Destroy()
        {
            base.Destroy();
            _options?.DangerousRelease();
        }
    }
}
