using System.Buffers;

namespace Node.Protocol.Merkle;

/// <summary>The three hashes of a Merkle tree: of nothing, of a leaf, of two children. RFC 6962, section 2.1.</summary>
public static class MerkleHash
{
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    private static readonly Hash32 s_empty = Hash32.Of([]);

    /// <summary>The root of the tree without leaves.</summary>
    public static Hash32 Empty => s_empty;

    public static Hash32 OfLeaf(ReadOnlySpan<byte> leaf) => OfLeaf(leaf, []);

    /// <summary>The hash of a leaf whose content is both parts, one behind the other.</summary>
    public static Hash32 OfLeaf(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // A copy and one call beat three calls into the hash engine: envelopes are a few kilobytes.
        int bytes = 1 + first.Length + second.Length;
        byte[] joined = ArrayPool<byte>.Shared.Rent(bytes);
        joined[0] = LeafPrefix;
        first.CopyTo(joined.AsSpan(1));
        second.CopyTo(joined.AsSpan(1 + first.Length));
        Hash32 hash = Hash32.Of(joined.AsSpan(0, bytes));
        ArrayPool<byte>.Shared.Return(joined);
        return hash;
    }

    public static Hash32 OfNode(in Hash32 left, in Hash32 right)
    {
        Span<byte> joined = stackalloc byte[1 + (2 * Hash32.Bytes)];
        joined[0] = NodePrefix;
        left.CopyTo(joined[1..]);
        right.CopyTo(joined[(1 + Hash32.Bytes)..]);
        return Hash32.Of(joined);
    }
}
