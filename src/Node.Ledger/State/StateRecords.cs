using System.Buffers.Binary;
using Node.Protocol;

namespace Node.Ledger.State;

/// <summary>The values of the column family <c>state</c>: version, metadata, value.</summary>
/// <remarks>
/// Layout (docs/formats.md, "World state"), big-endian: block u64, transaction u32, metadata length u32, metadata,
/// value. Head and value lie side by side, so that a write joins them without a copy.
/// </remarks>
internal static class StateRecords
{
    public const int VersionBytes = sizeof(ulong) + sizeof(uint);

    private const int HeadBytes = VersionBytes + sizeof(uint);

    public static int HeadSize(int metadataBytes) => HeadBytes + metadataBytes;

    /// <summary>Writes everything but the value.</summary>
    public static void WriteHead(StateVersion version, ReadOnlySpan<byte> metadata, Span<byte> destination)
    {
        WriteVersion(version, destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[VersionBytes..], (uint)metadata.Length);
        metadata.CopyTo(destination[HeadBytes..]);
    }

    /// <summary>Gives a record another version.</summary>
    public static void WriteVersion(StateVersion version, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt64BigEndian(record, version.Block);
        BinaryPrimitives.WriteUInt32BigEndian(record[sizeof(ulong)..], version.Transaction);
    }

    public static StateVersion VersionOf(ReadOnlySpan<byte> record) => new(
        BinaryPrimitives.ReadUInt64BigEndian(record),
        BinaryPrimitives.ReadUInt32BigEndian(record[sizeof(ulong)..]));

    /// <summary>True when it is as long as it says at least.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> record) =>
        record.Length >= HeadBytes
        && BinaryPrimitives.ReadUInt32BigEndian(record[VersionBytes..]) <= record.Length - HeadBytes;

    /// <summary>Splits a copy of a record. False when it is too short for what it says.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> record, out StateValue value)
    {
        value = default;
        if (record.Length < HeadBytes)
            return false;

        uint metadata = BinaryPrimitives.ReadUInt32BigEndian(record.Span[VersionBytes..]);
        if (metadata > record.Length - HeadBytes)
            return false;

        value = new StateValue(
            record[(HeadBytes + (int)metadata)..], VersionOf(record.Span), record.Slice(HeadBytes, (int)metadata));
        return true;
    }
}
