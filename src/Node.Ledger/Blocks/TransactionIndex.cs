using System.Buffers;
using System.Buffers.Binary;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Blocks;

/// <summary>Finds a transaction by its id: the column family <c>txids</c>.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Transaction ids"), big-endian: id (32 bytes) → block u64, transaction u32, code u8,
/// proven u8. The first occurrence stays, with one exception: an envelope whose id was never proven to be its
/// creator's does not keep the id from the transaction that owns it.
/// </remarks>
internal static class TransactionIndex
{
    private const int RecordBytes = sizeof(ulong) + sizeof(uint) + 1 + 1;

    /// <summary>The block of an index entry. False when the entry does not have this layout.</summary>
    public static bool TryReadBlock(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out ulong block)
    {
        block = 0;
        if (key.Length != Hash32.Bytes || value.Length != RecordBytes || value[^1] > 1)
            return false;

        block = BinaryPrimitives.ReadUInt64BigEndian(value);
        return true;
    }

    /// <param name="idUtf8">64 lower-case hex digits; anything else is no id and is not indexed.</param>
    public static bool TryParse(ReadOnlySpan<byte> idUtf8, out Hash32 id)
    {
        id = default;
        Span<byte> digest = stackalloc byte[Hash32.Bytes];
        if (idUtf8.Length != TxId.Chars
            || idUtf8.ContainsAnyInRange((byte)'A', (byte)'F')
            || Convert.FromHexString(idUtf8, digest, out _, out _) != OperationStatus.Done)
            return false;

        id = Hash32.Read(digest);
        return true;
    }

    public static bool TryFind(
        LedgerDatabase database, Hash32 id, out TransactionPosition position, out bool isProven)
    {
        position = default;
        isProven = false;
        using StoredValue value = database.GetPinned(id.AsSpan(), database.TxIds, null, "find a transaction");
        if (!value.Found)
            return false;
        if (value.Bytes.Length != RecordBytes)
            throw new LedgerCorruptException($"the index entry of transaction {id}", database.Folder, null);

        ReadOnlySpan<byte> record = value.Bytes;
        position = new TransactionPosition(
            BinaryPrimitives.ReadUInt64BigEndian(record),
            BinaryPrimitives.ReadUInt32BigEndian(record[sizeof(ulong)..]),
            (TxValidationCode)record[sizeof(ulong) + sizeof(uint)]);
        isProven = record[^1] != 0;
        return true;
    }

    public static void Put(
        StorageBatch batch, LedgerDatabase database, Hash32 id, TransactionPosition position, bool isProven)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        BinaryPrimitives.WriteUInt64BigEndian(record, position.Block);
        BinaryPrimitives.WriteUInt32BigEndian(record[sizeof(ulong)..], position.Index);
        record[sizeof(ulong) + sizeof(uint)] = (byte)position.Code;
        record[^1] = isProven ? (byte)1 : (byte)0;
        batch.Put(id.AsSpan(), record, database.TxIds);
    }
}
