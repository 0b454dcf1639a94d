using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Node.Orderer.Log;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Orderer.Ordering;

/// <summary>All that the next block is built on. Immutable.</summary>
/// <remarks>
/// Stored with each block as its savepoint (docs/formats.md, "Orderer store"): last hash 32 bytes, last config u64,
/// log position u64, then the chain tree's frontier; integers big-endian.
/// </remarks>
/// <param name="Height">The number of the next block.</param>
/// <param name="LastHash">Of the header of the last block.</param>
/// <param name="LastConfig">The number of the last config block.</param>
/// <param name="Position">The last entry of the ordered log that became a block, or was passed over.</param>
/// <param name="Chain">Over all blocks so far.</param>
internal sealed record ChainTip(
    ulong Height, Hash32 LastHash, ulong LastConfig, LogPosition Position, MerkleFrontier Chain)
{
    private const int FixedBytes = Hash32.Bytes + sizeof(ulong) + LogPosition.Bytes;

    public byte[] ToSavepoint()
    {
        byte[] frontier = Chain.ToBytes();
        byte[] savepoint = new byte[FixedBytes + frontier.Length];
        Span<byte> rest = savepoint;
        LastHash.CopyTo(rest);
        BinaryPrimitives.WriteUInt64BigEndian(rest[Hash32.Bytes..], LastConfig);
        Position.Write(rest[(Hash32.Bytes + sizeof(ulong))..]);
        frontier.CopyTo(rest[FixedBytes..]);
        return savepoint;
    }

    public static bool TryRestore(ulong height, ReadOnlySpan<byte> savepoint, [NotNullWhen(true)] out ChainTip? tip)
    {
        tip = null;
        if (savepoint.Length < FixedBytes
            || !MerkleFrontier.TryRestore(savepoint[FixedBytes..], out MerkleFrontier? chain)
            || chain.Size != height)
            return false;

        tip = new ChainTip(
            height,
            Hash32.Read(savepoint[..Hash32.Bytes]),
            BinaryPrimitives.ReadUInt64BigEndian(savepoint[Hash32.Bytes..]),
            LogPosition.Read(savepoint[(Hash32.Bytes + sizeof(ulong))..]),
            chain);
        return true;
    }
}
