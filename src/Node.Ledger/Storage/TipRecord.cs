using System.Buffers.Binary;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Ledger.Storage;

/// <summary>The savepoint: the tip as it lies under <c>tip</c> in the column family <c>meta</c>.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Savepoint"), big-endian: height u64, last config block u64, last block hash (32 bytes),
/// commit hash mark u8, commit hash (32 bytes, zero without mark), chain tree frontier.
/// </remarks>
internal static class TipRecord
{
    private const int LastConfigAt = sizeof(ulong);
    private const int BlockHashAt = LastConfigAt + sizeof(ulong);
    private const int MarkAt = BlockHashAt + Hash32.Bytes;
    private const int CommitHashAt = MarkAt + 1;
    private const int FrontierAt = CommitHashAt + Hash32.Bytes;

    public static ReadOnlySpan<byte> Key => "tip"u8;

    public static byte[] Encode(LedgerTip tip)
    {
        byte[] frontier = tip.Chain.ToBytes();
        byte[] record = new byte[FrontierAt + frontier.Length];
        BinaryPrimitives.WriteUInt64BigEndian(record, tip.Height);
        BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(LastConfigAt), tip.LastConfigBlock);
        tip.LastBlockHash.CopyTo(record.AsSpan(BlockHashAt));
        if (tip.CommitHash is { } commitHash)
        {
            record[MarkAt] = 1;
            commitHash.CopyTo(record.AsSpan(CommitHashAt));
        }

        frontier.CopyTo(record.AsSpan(FrontierAt));
        return record;
    }

    public static bool TryDecode(ReadOnlySpan<byte> record, out LedgerTip tip)
    {
        tip = LedgerTip.Empty;
        if (record.Length < FrontierAt
            || record[MarkAt] > 1
            || !MerkleFrontier.TryRestore(record[FrontierAt..], out MerkleFrontier? frontier))
            return false;

        ulong height = BinaryPrimitives.ReadUInt64BigEndian(record);
        if (frontier.Size != height)
            return false;

        tip = new LedgerTip(
            height,
            Hash32.Read(record.Slice(BlockHashAt, Hash32.Bytes)),
            record[MarkAt] == 0 ? null : Hash32.Read(record.Slice(CommitHashAt, Hash32.Bytes)),
            BinaryPrimitives.ReadUInt64BigEndian(record[LastConfigAt..]),
            frontier);
        return true;
    }
}
