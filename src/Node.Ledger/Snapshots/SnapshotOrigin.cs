using System.Buffers.Binary;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>
/// The snapshot that a ledger began with: <c>origin</c> in the column family <c>meta</c>. Missing: it began at block 0.
/// </summary>
/// <remarks>Layout (docs/formats.md, "Ledger folder"), big-endian: height u64, H(manifest.json).</remarks>
/// <param name="Height">Blocks below it were never judged here: another peer vouches for what they caused.</param>
public sealed record SnapshotOrigin(ulong Height, Hash32 Manifest)
{
    private static ReadOnlySpan<byte> Key => "origin"u8;

    internal static SnapshotOrigin? Read(LedgerDatabase database)
    {
        byte[]? value = database.Get(Key, database.Meta, "read what the ledger began with");
        if (value is null)
            return null;

        return value.Length == sizeof(ulong) + Hash32.Bytes
            ? new SnapshotOrigin(
                BinaryPrimitives.ReadUInt64BigEndian(value), Hash32.Read(value.AsSpan(sizeof(ulong))))
            : throw new LedgerCorruptException("the mark of its snapshot", database.Folder, blockNumber: null);
    }

    internal void Put(StorageBatch batch, LedgerDatabase database)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong) + Hash32.Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(value, Height);
        Manifest.CopyTo(value[sizeof(ulong)..]);
        batch.Put(Key, value, database.Meta);
    }
}
