using System.Runtime.CompilerServices;
using System.Text;

namespace RocksDbSharp;

/// <summary>Writes that become visible and durable together, all or none.</summary>
/// <remarks>For one thread at a time. Later entries of the same key win. Keys and values are copied in.</remarks>
public sealed unsafe class WriteBatch : IDisposable
{
    private readonly NativeHandle _handle;

    public WriteBatch()
        : this(Native.rocksdb_writebatch_create())
    {
    }

    /// <summary>Restores a batch from <see cref="ToBytes"/>.</summary>
    public WriteBatch(byte[] rep)
        : this(CreateFrom(rep))
    {
    }

    private WriteBatch(nint pointer)
    {
        _handle = new NativeHandle(pointer, &Native.rocksdb_writebatch_destroy, owner: null);
    }

    internal NativeHandle Handle => _handle;

    private nint Pointer => _handle.Pointer;

    /// <summary>Entries so far. Deletions and range deletions count one each.</summary>
    public int Count() => Native.rocksdb_writebatch_count(Pointer);

    /// <summary>Bytes of the batch as it would be logged.</summary>
    public ulong DataSize
    {
        get
        {
            nuint bytes = 0;
            Native.rocksdb_writebatch_data(Pointer, &bytes);
            return bytes;
        }
    }

    public WriteBatch Clear()
    {
        Native.rocksdb_writebatch_clear(Pointer);
        return this;
    }

    public WriteBatch Put(string key, string value, ColumnFamilyHandle? cf = null) =>
        Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), cf);

    public WriteBatch Put(byte[] key, byte[] value, ColumnFamilyHandle? cf = null) =>
        Put(key.AsSpan(), value.AsSpan(), cf);

    [OverloadResolutionPriority(1)]
    public WriteBatch Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            if (cf is null)
            {
                Native.rocksdb_writebatch_put(
                    Pointer, keyBytes, (nuint)key.Length, valueBytes, (nuint)value.Length);
                return this;
            }

            using NativeHandle.Lease family = cf.Handle.Acquire();
            Native.rocksdb_writebatch_put_cf(
                Pointer, family.Pointer, keyBytes, (nuint)key.Length, valueBytes, (nuint)value.Length);
        }

        return this;
    }

    /// <summary>Puts one record whose value is the two parts side by side, without joining them first.</summary>
    public WriteBatch Putv(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail,
        ColumnFamilyHandle? cf = null)
    {
        fixed (byte* keyPart = key, head = valueHead, tail = valueTail)
        {
            byte** keys = stackalloc byte*[1] { keyPart };
            nuint* keyBytes = stackalloc nuint[1] { (nuint)key.Length };
            byte** values = stackalloc byte*[2] { head, tail };
            nuint* valueBytes = stackalloc nuint[2] { (nuint)valueHead.Length, (nuint)valueTail.Length };
            Putv(1, keys, keyBytes, 2, values, valueBytes, cf);
        }

        return this;
    }

    /// <summary>Puts one record whose key and value are each given in parts.</summary>
    public WriteBatch Putv(
        ReadOnlySpan<ReadOnlyMemory<byte>> keyParts,
        ReadOnlySpan<ReadOnlyMemory<byte>> valueParts,
        ColumnFamilyHandle? cf = null)
    {
        using var key = new PinnedParts(keyParts);
        using var value = new PinnedParts(valueParts);
        fixed (nint* keys = key.Pointers, values = value.Pointers)
        fixed (nuint* keyBytes = key.Lengths, valueBytes = value.Lengths)
            Putv(keyParts.Length, (byte**)keys, keyBytes, valueParts.Length, (byte**)values, valueBytes, cf);

        return this;
    }

    public WriteBatch Delete(byte[] key, ColumnFamilyHandle? cf = null) => Delete(key.AsSpan(), cf);

    [OverloadResolutionPriority(1)]
    public WriteBatch Delete(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* keyBytes = key)
        {
            if (cf is null)
            {
                Native.rocksdb_writebatch_delete(Pointer, keyBytes, (nuint)key.Length);
                return this;
            }

            using NativeHandle.Lease family = cf.Handle.Acquire();
            Native.rocksdb_writebatch_delete_cf(Pointer, family.Pointer, keyBytes, (nuint)key.Length);
        }

        return this;
    }

    /// <summary>Deletes the keys from start, included, to end, excluded.</summary>
    public WriteBatch DeleteRange(ReadOnlySpan<byte> startKey, ReadOnlySpan<byte> endKey, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* start = startKey, end = endKey)
        {
            if (cf is null)
            {
                Native.rocksdb_writebatch_delete_range(
                    Pointer, start, (nuint)startKey.Length, end, (nuint)endKey.Length);
                return this;
            }

            using NativeHandle.Lease family = cf.Handle.Acquire();
            Native.rocksdb_writebatch_delete_range_cf(
                Pointer, family.Pointer, start, (nuint)startKey.Length, end, (nuint)endKey.Length);
        }

        return this;
    }

    /// <summary>The batch in the form the engine logs.</summary>
    public byte[] ToBytes()
    {
        nuint bytes = 0;
        byte* data = Native.rocksdb_writebatch_data(Pointer, &bytes);
        return new ReadOnlySpan<byte>(data, checked((int)bytes)).ToArray();
    }

    public void Dispose() => _handle.Dispose();

    private void Putv(
        int keyParts, byte** keys, nuint* keyBytes, int valueParts, byte** values, nuint* valueBytes,
        ColumnFamilyHandle? cf)
    {
        if (cf is null)
        {
            Native.rocksdb_writebatch_putv(Pointer, keyParts, keys, keyBytes, valueParts, values, valueBytes);
            return;
        }

        using NativeHandle.Lease family = cf.Handle.Acquire();
        Native.rocksdb_writebatch_putv_cf(
            Pointer, family.Pointer, keyParts, keys, keyBytes, valueParts, values, valueBytes);
    }

    private static nint CreateFrom(byte[] rep)
    {
        // The engine reads the 12 bytes of sequence number and count without asking how many there are.
        const int HeaderBytes = 12;
        ArgumentNullException.ThrowIfNull(rep);
        if (rep.Length < HeaderBytes)
        {
            throw new ArgumentException(
                $"A batch has at least {HeaderBytes} bytes; these are {rep.Length}.", nameof(rep));
        }

        fixed (byte* data = rep)
            return Native.rocksdb_writebatch_create_from(data, (nuint)rep.Length);
    }
}
