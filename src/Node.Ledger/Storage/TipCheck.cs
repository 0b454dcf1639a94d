using System.Buffers.Binary;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Ledger.Storage;

/// <summary>Reads the savepoint back at open, and checks that the last block is the one it speaks of.</summary>
internal static class TipCheck
{
    public static LedgerTip Load(LedgerDatabase database)
    {
        byte[]? record = database.Get(TipRecord.Key, database.Meta, "read the savepoint");
        if (record is null)
            return LedgerTip.Empty;
        if (!TipRecord.TryDecode(record, out LedgerTip tip))
            throw new LedgerCorruptException("the savepoint cannot be read", database.Folder, blockNumber: null);

        ulong last = tip.Height - 1;
        BlockBytes block = ReadBlock(database, last);
        if (block.Number != last || block.Hash != tip.LastBlockHash)
        {
            throw new LedgerCorruptException(
                $"the savepoint expects block hash {tip.LastBlockHash}, the block has {block.Hash}",
                database.Folder,
                last);
        }

        if (CommitHashOf(block) != tip.CommitHash)
        {
            throw new LedgerCorruptException(
                "the savepoint has another commit hash than the block", database.Folder, last);
        }

        return tip;
    }

    public static BlockBytes ReadBlock(LedgerDatabase database, ulong number)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        if (database.Get(key, database.Blocks, $"read block {number}") is not { } bytes)
            throw new LedgerCorruptException("the block is missing", database.Folder, number);

        return BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault)
            ? block
            : throw new LedgerCorruptException(fault, database.Folder, number);
    }

    /// <summary>From metadata slot 4; null when it holds none.</summary>
    public static Hash32? CommitHashOf(BlockBytes block)
    {
        ReadOnlySpan<byte> slot = block.Slot((int)BlockMetadataIndex.CommitHash).Span;
        var reader = new WireReader(slot);
        Hash32? hash = null;
        while (reader.Next())
        {
            if (reader.Field == 1
                && reader.TryBytes(out Slice value)
                && Hash32.TryRead(value.Of(slot), out Hash32 found))
                hash = found;
        }

        return hash;
    }
}
