using System.Buffers.Binary;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Ledger.Blocks;

/// <summary>The full nodes of the chain tree, for proofs: the column family <c>tree</c>.</summary>
/// <remarks>Layout (docs/formats.md, "Chain tree"): level u8, index u64 big-endian → hash (32 bytes).</remarks>
internal static class TreeStore
{
    private const int KeyBytes = 1 + sizeof(ulong);

    public static void Put(StorageBatch batch, LedgerDatabase database, ReadOnlySpan<MerkleNode> nodes)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        foreach (ref readonly MerkleNode node in nodes)
        {
            WriteKey(node.Level, node.Index, key);
            batch.Put(key, node.Hash.AsSpan(), database.Tree);
        }
    }

    public static Hash32 Read(LedgerDatabase database, int level, ulong index)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        WriteKey(level, index, key);
        byte[]? value = database.Get(key, database.Tree, "read the chain tree");
        return value is not null && Hash32.TryRead(value, out Hash32 hash)
            ? hash
            : throw new LedgerCorruptException($"node {level}:{index} of the chain tree", database.Folder, null);
    }

    private static void WriteKey(int level, ulong index, Span<byte> key)
    {
        key[0] = (byte)level;
        BinaryPrimitives.WriteUInt64BigEndian(key[1..], index);
    }
}
