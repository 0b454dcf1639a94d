using System.Buffers.Binary;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>Reads one record file of a snapshot, record by record.</summary>
/// <remarks>
/// Holds one record at a time, at most <see cref="SnapshotLayout.ValueBytesMax"/>. For one thread. Whatever is wrong is
/// a <see cref="SnapshotRefusedException"/>.
/// </remarks>
internal sealed class RecordFileReader : IDisposable
{
    private const int BufferBytes = 1 << 18;
    private const int HeadBytes = 9;

    private readonly FileStream _file;
    private readonly SnapshotFileEntry _entry;
    private readonly byte[] _lengths = new byte[2 * sizeof(uint)];
    private byte[] _key = new byte[256];
    private byte[] _previous = new byte[256];
    private byte[] _value = new byte[4096];
    private int _keyBytes = -1;   // Invariant: -1 before the first record.
    private int _previousBytes = -1;
    private int _valueBytes;
    private ulong _records;

    public RecordFileReader(string folder, SnapshotFileEntry entry)
    {
        _entry = entry;
        Path = System.IO.Path.Combine(folder, entry.Name);
        _file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        Span<byte> head = stackalloc byte[HeadBytes];
        if (_file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes
            || !head[..^1].SequenceEqual(SnapshotLayout.MagicOf(entry.Name))
            || head[^1] != RecordFileWriter.Format)
            throw Refuse($"it does not begin as a file of this name and format {RecordFileWriter.Format} does");
    }

    public string Path { get; }

    public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyBytes);

    public ReadOnlySpan<byte> Value => _value.AsSpan(0, _valueBytes);

    /// <summary>A copy that stays.</summary>
    public byte[] TakeValue() => Value.ToArray();

    /// <summary>Goes to the next record, whose key must lie behind the one before.</summary>
    /// <returns>False at the end, when as many records were read as were announced.</returns>
    public bool Next()
    {
        int read = _file.ReadAtLeast(_lengths, _lengths.Length, throwOnEndOfStream: false);
        if (read == 0)
            return _records == _entry.Records
                ? false
                : throw Refuse($"it holds {_records} records, {_entry.Records} were announced");

        uint keyBytes = BinaryPrimitives.ReadUInt32BigEndian(_lengths);
        uint valueBytes = BinaryPrimitives.ReadUInt32BigEndian(_lengths.AsSpan(sizeof(uint)));
        if (read < _lengths.Length
            || keyBytes > SnapshotLayout.KeyBytesMax
            || valueBytes > SnapshotLayout.ValueBytesMax)
            throw Refuse($"record {_records} has lengths that no record has");

        (_key, _previous) = (_previous, _key);
        _previousBytes = _keyBytes;
        _keyBytes = Fill(ref _key, keyBytes);
        _valueBytes = Fill(ref _value, valueBytes);
        if (_previousBytes >= 0 && Key.SequenceCompareTo(_previous.AsSpan(0, _previousBytes)) <= 0)
            throw Refuse($"record {_records} does not lie behind the one before it");

        _records++;
        return true;
    }

    /// <summary>For what is wrong with the current record.</summary>
    public SnapshotRefusedException RefuseRecord(string what) =>
        Refuse($"record {_records - 1}, key {Convert.ToHexStringLower(Key)}: {what}");

    public SnapshotRefusedException Refuse(string what) => new(Path, what, SnapshotFiles.AnotherCopy);

    public void Dispose() => _file.Dispose();

    private int Fill(ref byte[] buffer, uint bytes)
    {
        if (buffer.Length < bytes)
            buffer = new byte[uint.Max(bytes, (uint)buffer.Length * 2)];

        if (_file.ReadAtLeast(buffer.AsSpan(0, (int)bytes), (int)bytes, throwOnEndOfStream: false) < bytes)
            throw Refuse($"it ends in the middle of record {_records}");

        return (int)bytes;
    }
}
