using System.Buffers.Binary;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.History;

/// <summary>The values of the column family <c>history</c>.</summary>
/// <remarks>
/// Layout (docs/formats.md, "History"), big-endian: delete mark u8, transaction id (32 bytes), seconds i64, nanoseconds
/// i32 of the transaction's timestamp, value. The value is there so that a history is one scan and outlives its blocks.
/// </remarks>
internal static class HistoryRecords
{
    public const int HeadBytes = 1 + Hash32.Bytes + sizeof(long) + sizeof(int);

    public static void WriteHead(bool isDelete, Hash32 txId, WireTimestamp timestamp, Span<byte> destination)
    {
        destination[0] = isDelete ? (byte)1 : (byte)0;
        txId.CopyTo(destination[1..]);
        BinaryPrimitives.WriteInt64BigEndian(destination[(1 + Hash32.Bytes)..], timestamp.Seconds);
        BinaryPrimitives.WriteInt32BigEndian(destination[(1 + Hash32.Bytes + sizeof(long))..], timestamp.Nanos);
    }

    public static bool IsWellFormed(ReadOnlySpan<byte> record) => record.Length >= HeadBytes && record[0] <= 1;

    /// <param name="record">A copy that the result may keep.</param>
    public static bool TryRead(
        StateVersion version, ReadOnlyMemory<byte> record, out HistoryRecord entry)
    {
        entry = default;
        if (record.Length < HeadBytes)
            return false;

        ReadOnlySpan<byte> head = record.Span;
        var timestamp = new WireTimestamp(
            BinaryPrimitives.ReadInt64BigEndian(head[(1 + Hash32.Bytes)..]),
            BinaryPrimitives.ReadInt32BigEndian(head[(1 + Hash32.Bytes + sizeof(long))..]));
        entry = new HistoryRecord(
            version, TxId.Of(Hash32.Read(head.Slice(1, Hash32.Bytes))), timestamp, head[0] != 0, record[HeadBytes..]);
        return true;
    }
}
