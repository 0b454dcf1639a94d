using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Node.Protocol.Merkle;

/// <summary>Reads out of the path of a tree's last leaf all that is needed to append to that tree.</summary>
public static class TreeShape
{
    /// <summary>
    /// The path of the last leaf holds the left siblings inside of the last full subtree, and then the other full
    /// subtrees from the smallest to the largest.
    /// </summary>
    /// <param name="size">Count of leaves, at least 1.</param>
    /// <param name="path">Of leaf <paramref name="size"/> − 1. Wrong ones give a tree with another root.</param>
    public static bool TryFromLastLeaf(
        ulong size, Hash32 lastLeaf, ReadOnlySpan<Hash32> path, [NotNullWhen(true)] out MerkleFrontier? frontier)
    {
        frontier = null;
        int inside = BitOperations.TrailingZeroCount(size);
        int others = BitOperations.PopCount(size) - 1;
        if (size == 0 || path.Length != inside + others)
            return false;

        Hash32 last = lastLeaf;
        foreach (ref readonly Hash32 sibling in path[..inside])
            last = MerkleHash.OfNode(sibling, last);

        byte[] bytes = new byte[sizeof(ulong) + ((others + 1) * Hash32.Bytes)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, size);
        for (int index = 0; index < others; index++)
            path[^(index + 1)].CopyTo(bytes.AsSpan(sizeof(ulong) + (index * Hash32.Bytes)));

        last.CopyTo(bytes.AsSpan(sizeof(ulong) + (others * Hash32.Bytes)));
        return MerkleFrontier.TryRestore(bytes, out frontier);
    }
}
