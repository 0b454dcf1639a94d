using System.Buffers.Binary;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Blocks;

/// <summary>
/// From which block on the ledger holds whole blocks: <c>held</c> in the column family <c>meta</c>.
/// </summary>
/// <remarks>
/// Layout (docs/formats.md, "Pruned blocks"): number u64 big-endian. Missing: all from block 0. Below it there are
/// outlines, and whole blocks where they carry a configuration. Only ever raised.
/// </remarks>
internal static class HeldBlocks
{
    private static ReadOnlySpan<byte> Key => "held"u8;

    public static ulong ReadFirst(LedgerDatabase database)
    {
        byte[]? value = database.Get(Key, database.Meta, "read which blocks are held");
        if (value is null)
            return 0;

        return value.Length == sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64BigEndian(value)
            : throw new LedgerCorruptException("the mark of the blocks held", database.Folder, blockNumber: null);
    }

    public static void PutFirst(StorageBatch batch, LedgerDatabase database, ulong number) =>
        batch.Put(Key, BlockKey(number), database.Meta);

    public static byte[] BlockKey(ulong number)
    {
        byte[] key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        return key;
    }
}
