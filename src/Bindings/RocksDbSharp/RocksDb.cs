using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace RocksDbSharp;

/// <summary>An open database. Owns the lock on its directory until disposed.</summary>
/// <remarks>
/// Any number of threads may read and write at once. Disposing while others still iterate or hold values is safe:
/// the engine closes when the last of them lets go. Afterwards every call throws
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed unsafe partial class RocksDb : IDisposable
{
    private static readonly ReadOptions s_readOptions = new();
    private static readonly WriteOptions s_writeOptions = new();

    private readonly NativeHandle _handle;
    private readonly Lock _familiesLock = new(); // Protects _columnFamilies.
    private readonly Dictionary<string, ColumnFamilyHandle> _columnFamilies;
    private readonly ColumnFamilyHandle _default;

    private RocksDb(NativeHandle handle, string path, Dictionary<string, ColumnFamilyHandle> columnFamilies)
    {
        _handle = handle;
        _columnFamilies = columnFamilies;
        _default = columnFamilies[ColumnFamilies.DefaultName];
        Path = path;
    }

    /// <summary>The directory, as given at open.</summary>
    public string Path { get; }

    /// <summary>Reads a value without copying it.</summary>
    /// <exception cref="RocksDbException">A read failed, or a block is damaged.</exception>
    public PinnedValue GetPinned(
        ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        NativeHandle familyHandle = (cf ?? _default).Handle;
        using NativeHandle.Lease family = familyHandle.Acquire();
        using NativeHandle.Lease options = (readOptions ?? s_readOptions).Handle.Acquire();
        nint error = 0;
        nint slice;
        fixed (byte* keyBytes = key)
        {
            slice = Native.rocksdb_get_pinned_cf(
                DatabaseOf(cf), options.Pointer, family.Pointer, keyBytes, (nuint)key.Length, &error);
        }

        RocksDbException.ThrowIfError(error);
        return new PinnedValue(slice, familyHandle);
    }

    /// <summary>Reads a value into an array of its own; null when the key is not there.</summary>
    [OverloadResolutionPriority(1)]
    public byte[]? Get(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        using PinnedValue value = GetPinned(key, cf, readOptions);
        return value.Found ? value.Bytes.ToArray() : null;
    }

    public byte[]? Get(byte[] key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null) =>
        Get(key.AsSpan(), cf, readOptions);

    public string? Get(
        string key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null, Encoding? encoding = null)
    {
        Encoding text = encoding ?? Encoding.UTF8;
        using PinnedValue value = GetPinned(text.GetBytes(key), cf, readOptions);
        return value.Found ? text.GetString(value.Bytes) : null;
    }

    /// <summary>Copies as much of a value as fits.</summary>
    /// <returns>The length of the whole value in bytes, or -1 when the key is not there.</returns>
    public long Get(
        ReadOnlySpan<byte> key, Span<byte> buffer, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        using PinnedValue value = GetPinned(key, cf, readOptions);
        if (!value.Found)
            return -1;

        value.Bytes[..Math.Min(value.Bytes.Length, buffer.Length)].CopyTo(buffer);
        return value.Bytes.Length;
    }

    public bool HasKey(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        using PinnedValue value = GetPinned(key, cf, readOptions);
        return value.Found;
    }

    /// <summary>Reads several values in one call.</summary>
    /// <param name="cf">One family per key; null takes the default one for all.</param>
    /// <returns>One pair per key, in the order given; a value is null when its key is not there.</returns>
    public KeyValuePair<byte[], byte[]?>[] MultiGet(
        byte[][] keys, ColumnFamilyHandle[]? cf = null, ReadOptions? readOptions = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (cf is not null && cf.Length != keys.Length)
        {
            throw new ArgumentException(
                $"{keys.Length} keys need as many column families, not {cf.Length}.", nameof(cf));
        }

        using NativeHandle.Lease database = _handle.Acquire();
        using NativeHandle.Lease options = (readOptions ?? s_readOptions).Handle.Acquire();
        using var parts = new PinnedParts(Array.ConvertAll(keys, key => (ReadOnlyMemory<byte>)key));
        var families = new nint[keys.Length];
        var values = new nint[keys.Length];
        var lengths = new nuint[keys.Length];
        var errors = new nint[keys.Length];
        int leased = 0;
        try
        {
            for (; leased < keys.Length; leased++)
            {
                DatabaseOf(cf?[leased]);
                NativeHandle family = FamilyOf(cf?[leased]);
                family.AddReference();
                families[leased] = family.DangerousGetHandle();
            }

            fixed (nint* family = families, key = parts.Pointers, value = values, error = errors)
            fixed (nuint* keyBytes = parts.Lengths, valueBytes = lengths)
            {
                Native.rocksdb_multi_get_cf(
                    database.Pointer, options.Pointer, family, (nuint)keys.Length, key, keyBytes, value, valueBytes,
                    error);
            }
        }
        finally
        {
            while (leased-- > 0)
                FamilyOf(cf?[leased]).DangerousRelease();
        }

        return TakeValues(keys, values, lengths, errors);
    }

    /// <summary>
    /// Writes a batch: all of it becomes visible at once, and after a crash all of it or none is there.
    /// </summary>
    /// <exception cref="RocksDbException">What became of the batch is unknown, and readers may see a part of it: stop
    /// using the database and open it anew.</exception>
    public void Write(WriteBatch writeBatch, WriteOptions? writeOptions = null)
    {
        ArgumentNullException.ThrowIfNull(writeBatch);
        using NativeHandle.Lease database = _handle.Acquire();
        using NativeHandle.Lease batch = writeBatch.Handle.Acquire();
        using NativeHandle.Lease options = (writeOptions ?? s_writeOptions).Handle.Acquire();
        nint error = 0;
        Native.rocksdb_write(database.Pointer, options.Pointer, batch.Pointer, &error);
        RocksDbException.ThrowIfError(error);
    }

    [OverloadResolutionPriority(1)]
    public void Put(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ColumnFamilyHandle? cf = null,
        WriteOptions? writeOptions = null)
    {
        using NativeHandle.Lease family = FamilyOf(cf).Acquire();
        using NativeHandle.Lease options = (writeOptions ?? s_writeOptions).Handle.Acquire();
        nint error = 0;
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            Native.rocksdb_put_cf(
                DatabaseOf(cf), options.Pointer, family.Pointer, keyBytes, (nuint)key.Length, valueBytes,
                (nuint)value.Length, &error);
        }

        RocksDbException.ThrowIfError(error);
    }

    public void Put(byte[] key, byte[] value, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) =>
        Put(key.AsSpan(), value.AsSpan(), cf, writeOptions);

    public void Put(
        string key, string value, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null,
        Encoding? encoding = null)
    {
        Encoding text = encoding ?? Encoding.UTF8;
        Put(text.GetBytes(key), text.GetBytes(value), cf, writeOptions);
    }

    /// <summary>Deletes a key; one that is not there is no error.</summary>
    [OverloadResolutionPriority(1)]
    public void Remove(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null)
    {
        using NativeHandle.Lease family = FamilyOf(cf).Acquire();
        using NativeHandle.Lease options = (writeOptions ?? s_writeOptions).Handle.Acquire();
        nint error = 0;
        fixed (byte* keyBytes = key)
        {
            Native.rocksdb_delete_cf(
                DatabaseOf(cf), options.Pointer, family.Pointer, keyBytes, (nuint)key.Length, &error);
        }

        RocksDbException.ThrowIfError(error);
    }

    public void Remove(byte[] key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) =>
        Remove(key.AsSpan(), cf, writeOptions);

    public void Remove(string key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) =>
        Remove(Encoding.UTF8.GetBytes(key), cf, writeOptions);

    /// <summary>Walks a column family. The read options are kept alive by the iterator.</summary>
    public Iterator NewIterator(ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        NativeHandle optionsHandle = (readOptions ?? s_readOptions).Handle;
        using NativeHandle.Lease family = FamilyOf(cf).Acquire();
        using NativeHandle.Lease options = optionsHandle.Acquire();
        nint iterator = Native.rocksdb_create_iterator_cf(DatabaseOf(cf), options.Pointer, family.Pointer);
        return new Iterator(iterator, FamilyOf(cf), optionsHandle);
    }

    public Snapshot CreateSnapshot()
    {
        using NativeHandle.Lease database = _handle.Acquire();
        return new Snapshot(Native.rocksdb_create_snapshot(database.Pointer), _handle);
    }

    public Checkpoint Checkpoint()
    {
        using NativeHandle.Lease database = _handle.Acquire();
        nint error = 0;
        nint checkpoint = Native.rocksdb_checkpoint_object_create(database.Pointer, &error);
        RocksDbException.ThrowIfError(error);
        return new Checkpoint(checkpoint, _handle);
    }

    /// <summary>Closes the database, once nothing of it is in use any more. Unflushed writes stay in the log.</summary>
    public void Dispose()
    {
        lock (_familiesLock)
        {
            foreach (ColumnFamilyHandle family in _columnFamilies.Values)
                family.Handle.Dispose();
        }

        _handle.Dispose();
    }

    private static KeyValuePair<byte[], byte[]?>[] TakeValues(
        byte[][] keys, nint[] values, nuint[] lengths, nint[] errors)
    {
        var pairs = new KeyValuePair<byte[], byte[]?>[keys.Length];
        RocksDbException? first = null;
        for (int index = 0; index < keys.Length; index++)
        {
            byte[]? value = null;
            if (values[index] != 0)
            {
                value = new ReadOnlySpan<byte>((void*)values[index], checked((int)lengths[index])).ToArray();
                Native.rocksdb_free(values[index]);
            }

            // Every text is taken, the first is told: what is left behind here is never freed.
            if (errors[index] != 0)
            {
                RocksDbException error = RocksDbException.Take(errors[index]);
                first ??= error;
            }

            pairs[index] = new KeyValuePair<byte[], byte[]?>(keys[index], value);
        }

        return first is null ? pairs : throw first;
    }

    private NativeHandle FamilyOf(ColumnFamilyHandle? cf) => (cf ?? _default).Handle;

    /// <summary>The database pointer, kept alive by the leased column family. A family of another database is refused:
    /// the engine would not notice.</summary>
    private nint DatabaseOf(ColumnFamilyHandle? cf)
    {
        if (cf is not null && !ReferenceEquals(cf.Database, _handle))
            ThrowForeign(cf);

        return _handle.Pointer;
    }

    [DoesNotReturn]
    private void ThrowForeign(ColumnFamilyHandle cf) =>
        throw new ArgumentException($"Column family '{cf.Name}' belongs to another database than {Path}.", nameof(cf));
}
