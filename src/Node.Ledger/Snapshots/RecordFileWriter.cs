using System.Buffers.Binary;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>Writes one record file of a snapshot, and knows its hash when it is done.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Snapshot"), big-endian: 8 bytes magic, format u8, then for each record key length u32,
/// value length u32, key, value. For one thread.
/// </remarks>
internal sealed class RecordFileWriter : IDisposable
{
    public const byte Format = 1;

    private const int BufferBytes = 1 << 18;

    private readonly string _name;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ulong _records;

    public RecordFileWriter(string folder, string name)
    {
        _name = name;
        _file = new FileStream(
            Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        Append(SnapshotLayout.MagicOf(name));
        Append([Format]);
    }

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> lengths = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(lengths, (uint)key.Length);
        BinaryPrimitives.WriteUInt32BigEndian(lengths[sizeof(uint)..], (uint)value.Length);
        Append(lengths);
        Append(key);
        Append(value);
        _records++;
    }

    /// <summary>Durable when it returns, but for the file's name.</summary>
    public SnapshotFileEntry Finish()
    {
        _file.Flush(flushToDisk: true);
        return new SnapshotFileEntry(_name, _records, _file.Length, Hash32.Read(_hash.GetHashAndReset()));
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes);
        _hash.AppendData(bytes);
    }
}
