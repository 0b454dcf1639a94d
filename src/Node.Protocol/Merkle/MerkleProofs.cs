using System.Numerics;

namespace Node.Protocol.Merkle;

/// <summary>Builds and verifies inclusion and consistency proofs. RFC 6962 section 2.1; RFC 9162 section 2.1.</summary>
/// <remarks>
/// Building reads full nodes only, so it works from stored nodes of any later tree: the proof for a past size needs
/// nothing
/// that was overwritten. Verification takes proofs from outside, is bounded by their length, and never throws.
/// </remarks>
public static class MerkleProofs
{
    /// <summary>Longest proof of either kind.</summary>
    public const int PathMax = 65;

    /// <summary>
    /// The path from leaf <paramref name="index"/> to the root of the tree over the first <paramref name="size"/>
    /// leaves.
    /// </summary>
    /// <param name="index">Below <paramref name="size"/>.</param>
    public static Hash32[] Inclusion(ulong index, ulong size, MerkleNodeReader nodes)
    {
        Invariant.Require(index < size, "a leaf that is not in the tree has no path");
        var path = new List<Hash32>();
        ulong begin = 0;
        ulong end = size;
        while (end - begin > 1)
        {
            ulong split = begin + LeftSize(end - begin);
            if (index < split)
            {
                path.Add(RootOf(split, end, nodes));
                end = split;
            }
            else
            {
                path.Add(RootOf(begin, split, nodes));
                begin = split;
            }
        }

        path.Reverse();
        return [.. path];
    }

    /// <summary>
    /// Shows that the tree over <paramref name="first"/> leaves is a beginning of the one over <paramref
    /// name="second"/>.
    /// </summary>
    /// <param name="first">At most <paramref name="second"/>. For 0 and for equal sizes the proof is empty.</param>
    public static Hash32[] Consistency(ulong first, ulong second, MerkleNodeReader nodes)
    {
        Invariant.Require(first <= second, "a tree only grows");
        if (first == 0 || first == second)
            return [];

        var path = new List<Hash32>();
        ulong begin = 0;
        ulong end = second;
        while (first != end)
        {
            ulong split = begin + LeftSize(end - begin);
            if (first <= split)
            {
                path.Add(RootOf(split, end, nodes));
                end = split;
            }
            else
            {
                path.Add(RootOf(begin, split, nodes));
                begin = split;
            }
        }

        // The verifier has the first root already, so it is left out where the first tree is this very subtree.
        if (begin != 0)
            path.Add(RootOf(begin, end, nodes));

        path.Reverse();
        return [.. path];
    }

    /// <summary>
    /// The root over leaves <paramref name="begin"/> up to and without <paramref name="end"/>, from full nodes.
    /// </summary>
    /// <param name="begin">A multiple of the smallest power of two that is not less than the count.</param>
    public static Hash32 RootOf(ulong begin, ulong end, MerkleNodeReader nodes)
    {
        if (begin == end)
            return MerkleHash.Empty;

        ulong count = end - begin;
        if (BitOperations.IsPow2(count))
            return nodes(BitOperations.TrailingZeroCount(count), begin >> BitOperations.TrailingZeroCount(count));

        ulong split = begin + LeftSize(count);
        return MerkleHash.OfNode(RootOf(begin, split, nodes), RootOf(split, end, nodes));
    }

    /// <summary>
    /// True when <paramref name="path"/> leads from the leaf at <paramref name="index"/> to <paramref name="root"/>.
    /// </summary>
    public static bool VerifyInclusion(
        Hash32 leafHash, ulong index, ulong size, ReadOnlySpan<Hash32> path, Hash32 root)
    {
        if (index >= size)
            return false;

        ulong node = index;
        ulong last = size - 1;
        Hash32 hash = leafHash;
        foreach (ref readonly Hash32 sibling in path)
        {
            if (last == 0)
                return false;

            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleHash.OfNode(sibling, hash);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                hash = MerkleHash.OfNode(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }

    /// <summary>True when the tree with the second root begins with the tree that has the first.</summary>
    public static bool VerifyConsistency(
        ulong first, Hash32 firstRoot, ulong second, Hash32 secondRoot, ReadOnlySpan<Hash32> path)
    {
        if (first > second)
            return false;
        if (first == second)
            return path.IsEmpty && firstRoot == secondRoot;
        if (first == 0)
            return path.IsEmpty && firstRoot == MerkleHash.Empty;
        if (path.IsEmpty)
            return false;

        ulong node = first - 1;
        ulong last = second - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        // A first tree that is one full subtree is its own starting point, and the proof leaves it out.
        bool startsAtFirstRoot = BitOperations.IsPow2(first);
        Hash32 firstHash = startsAtFirstRoot ? firstRoot : path[0];
        Hash32 secondHash = firstHash;
        foreach (ref readonly Hash32 sibling in startsAtFirstRoot ? path : path[1..])
        {
            if (last == 0)
                return false;

            if ((node & 1) == 1 || node == last)
            {
                firstHash = MerkleHash.OfNode(sibling, firstHash);
                secondHash = MerkleHash.OfNode(sibling, secondHash);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                secondHash = MerkleHash.OfNode(secondHash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && firstHash == firstRoot && secondHash == secondRoot;
    }

    // The last node of a level may be alone there; it rises until it is a right child.
    private static void SkipLevelsWithoutSibling(ref ulong node, ref ulong last)
    {
        while ((node & 1) == 0 && node != 0)
        {
            node >>= 1;
            last >>= 1;
        }
    }

    /// <summary>The largest power of two below <paramref name="count"/>, which is at least 2.</summary>
    private static ulong LeftSize(ulong count) => 1UL << BitOperations.Log2(count - 1);
}
