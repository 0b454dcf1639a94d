namespace Node.Protocol.Merkle;

/// <summary>
/// A Merkle tree in memory, with all nodes: for the transactions of a block, and for proofs over them.
/// </summary>
/// <remarks>Grows only. One writer; readers only while nobody appends.</remarks>
public sealed class MerkleTree
{
    private readonly List<List<Hash32>> _levels = [];   // Invariant: _levels[l][i] is the full node (l, i).

    public ulong Size { get; private set; }

    public Hash32 Root => RootAt(Size);

    public static MerkleTree OfLeaves(ReadOnlySpan<ReadOnlyMemory<byte>> leaves)
    {
        var tree = new MerkleTree();
        foreach (ref readonly ReadOnlyMemory<byte> leaf in leaves)
            tree.Append(MerkleHash.OfLeaf(leaf.Span));

        return tree;
    }

    /// <param name="leafHash">Of <see cref="MerkleHash.OfLeaf(ReadOnlySpan{byte})"/>.</param>
    public void Append(Hash32 leafHash)
    {
        Hash32 hash = leafHash;
        ulong index = Size;
        for (int level = 0; ; level++)
        {
            if (level == _levels.Count)
                _levels.Add([]);

            _levels[level].Add(hash);
            if ((index & 1) == 0)
                break;

            hash = MerkleHash.OfNode(_levels[level][^2], hash);
            index >>= 1;
        }

        Size++;
    }

    /// <summary>The root when there were <paramref name="size"/> leaves, at most <see cref="Size"/>.</summary>
    public Hash32 RootAt(ulong size)
    {
        RequireSize(size);
        return MerkleProofs.RootOf(begin: 0, size, Node);
    }

    /// <inheritdoc cref="MerkleProofs.Inclusion"/>
    public Hash32[] ProveInclusion(ulong index, ulong size)
    {
        RequireSize(size);
        return MerkleProofs.Inclusion(index, size, Node);
    }

    /// <inheritdoc cref="MerkleProofs.Consistency"/>
    public Hash32[] ProveConsistency(ulong first, ulong second)
    {
        RequireSize(second);
        return MerkleProofs.Consistency(first, second, Node);
    }

    private void RequireSize(ulong size) => Invariant.Require(size <= Size, "nothing is known about a larger tree");

    private Hash32 Node(int level, ulong index) => _levels[level][(int)index];
}
