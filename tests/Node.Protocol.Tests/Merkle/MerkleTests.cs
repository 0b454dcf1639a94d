using System.Security.Cryptography;
using Google.Protobuf;
using Node.Protocol.Merkle;

namespace Node.Protocol.Tests.Merkle;

public sealed class MerkleTests
{
    private const int SizeMax = 130;

    // The reference tree of certificate transparency, and its roots from the empty tree to eight leaves.
    private static readonly string[] s_referenceLeaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] s_referenceRoots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    private static readonly byte[][] s_leaves =
        [.. Enumerable.Range(0, SizeMax).Select(i => Dice.Bytes((ulong)i, i % 70))];

    private static readonly MerkleTree s_tree = TreeOf(s_leaves);
    private static readonly Hash32[] s_roots =
        [.. Enumerable.Range(0, SizeMax + 1).Select(n => PlainRoot(s_leaves.AsSpan(0, n)))];

    [Fact]
    public void The_reference_tree_has_its_known_roots()
    {
        byte[][] leaves = [.. s_referenceLeaves.Select(Convert.FromHexString)];
        MerkleFrontier frontier = MerkleFrontier.Empty;
        for (int size = 0; size <= leaves.Length; size++)
        {
            Assert.Equal(s_referenceRoots[size], PlainRoot(leaves.AsSpan(0, size)).ToString());
            Assert.Equal(s_referenceRoots[size], TreeOf(leaves[..size]).Root.ToString());
            Assert.Equal(s_referenceRoots[size], frontier.Root.ToString());
            if (size < leaves.Length)
                frontier = frontier.Append(MerkleHash.OfLeaf(leaves[size]));
        }
    }

    [Fact]
    public void Every_way_to_a_root_agrees_with_the_recursive_definition()
    {
        MerkleFrontier frontier = MerkleFrontier.Empty;
        for (int size = 0; size <= SizeMax; size++)
        {
            Hash32 expected = s_roots[size];

            Assert.Equal(expected, frontier.Root);
            Assert.Equal(expected, s_tree.RootAt((ulong)size));
            Assert.Equal(expected, MerkleRoot.Of([.. s_leaves.Take(size).Select(leaf => (ReadOnlyMemory<byte>)leaf)]));
            Assert.Equal(expected, MerkleRoot.Of([.. s_leaves.Take(size).Select(ByteString.CopyFrom)]));
            if (size < SizeMax)
                frontier = frontier.Append(MerkleHash.OfLeaf(s_leaves[size]));
        }
    }

    [Fact]
    public void A_frontier_survives_storage_and_goes_on_as_before()
    {
        MerkleFrontier frontier = MerkleFrontier.Empty;
        for (int size = 0; size < SizeMax; size++)
        {
            byte[] stored = frontier.ToBytes();
            Assert.True(MerkleFrontier.TryRestore(stored, out MerkleFrontier? restored));
            Assert.Equal(frontier.Root, restored.Root);
            Assert.Equal((ulong)size, restored.Size);
            Assert.Equal(stored, restored.ToBytes());
            Assert.False(MerkleFrontier.TryRestore(stored.AsSpan(0, stored.Length - 1), out _));
            Assert.False(MerkleFrontier.TryRestore([.. stored, 0], out _));
            frontier = restored.Append(MerkleHash.OfLeaf(s_leaves[size]));
            Assert.Equal(s_roots[size + 1], frontier.Root);
        }
    }

    [Fact]
    public void Completed_nodes_are_all_that_proofs_ask_for()
    {
        var stored = new Dictionary<(int, ulong), Hash32>();
        var completed = new MerkleNode[MerkleFrontier.CompletedMax];
        MerkleFrontier frontier = MerkleFrontier.Empty;
        for (int size = 0; size < SizeMax; size++)
        {
            frontier = frontier.Append(MerkleHash.OfLeaf(s_leaves[size]), completed, out int count);
            foreach (MerkleNode node in completed[..count])
                stored.Add((node.Level, node.Index), node.Hash);
        }

        for (ulong size = 1; size <= SizeMax; size++)
        {
            for (ulong index = 0; index < size; index++)
            {
                Hash32[] path = MerkleProofs.Inclusion(index, size, (level, at) => stored[(level, at)]);
                Assert.Equal(s_tree.ProveInclusion(index, size), path);
            }
        }
    }

    [Fact]
    public void Every_leaf_of_every_size_is_proved_and_proves_nothing_else()
    {
        for (int size = 1; size <= SizeMax; size++)
        {
            for (int index = 0; index < size; index++)
            {
                Hash32[] path = s_tree.ProveInclusion((ulong)index, (ulong)size);
                Hash32 leaf = MerkleHash.OfLeaf(s_leaves[index]);

                Assert.True(MerkleProofs.VerifyInclusion(leaf, (ulong)index, (ulong)size, path, s_roots[size]));
                Assert.Equal(PlainPath(index, s_leaves.AsSpan(0, size)), path);
                RefusesAnythingElse(leaf, (ulong)index, (ulong)size, path, s_roots[size]);
            }
        }
    }

    [Fact]
    public void Every_pair_of_sizes_is_proved_consistent_and_nothing_else_is()
    {
        for (int second = 0; second <= SizeMax; second++)
        {
            for (int first = 0; first <= second; first++)
            {
                Hash32[] path = s_tree.ProveConsistency((ulong)first, (ulong)second);

                Assert.True(Consistent(first, s_roots[first], second, s_roots[second], path));
                Assert.False(Consistent(first, Flip(s_roots[first], first), second, s_roots[second], path));
                Assert.False(Consistent(first, s_roots[first], second, Flip(s_roots[second], second), path)
                    && first != 0);
                Assert.False(Consistent(first, s_roots[first], second, s_roots[second], [.. path, Hash32.Zero]));
                Assert.False(Consistent(second + 1, s_roots[second], second, s_roots[second], path));
                for (int i = 0; i < path.Length; i++)
                {
                    Hash32[] flipped = [.. path];
                    flipped[i] = Flip(path[i], first + i);
                    Assert.False(Consistent(first, s_roots[first], second, s_roots[second], flipped));
                }

                if (path.Length > 0)
                    Assert.False(Consistent(first, s_roots[first], second, s_roots[second], path[..^1]));
            }
        }
    }

    [Fact]
    public void Every_bit_of_a_proof_counts()
    {
        const ulong Size = 7;
        Hash32 leaf = MerkleHash.OfLeaf(s_leaves[3]);
        Hash32[] path = s_tree.ProveInclusion(3, Size);
        for (int bit = 0; bit < 256; bit++)
        {
            Assert.False(MerkleProofs.VerifyInclusion(Flip(leaf, bit), 3, Size, path, s_roots[7]));
            Assert.False(MerkleProofs.VerifyInclusion(leaf, 3, Size, path, Flip(s_roots[7], bit)));
            for (int i = 0; i < path.Length; i++)
            {
                Hash32[] flipped = [.. path];
                flipped[i] = Flip(path[i], bit);
                Assert.False(MerkleProofs.VerifyInclusion(leaf, 3, Size, flipped, s_roots[7]));
            }
        }
    }

    [Fact]
    public void Proofs_of_absurd_sizes_are_refused_and_end()
    {
        Hash32[] path = [.. Enumerable.Repeat(Hash32.Zero, 1000)];

        Assert.False(MerkleProofs.VerifyInclusion(Hash32.Zero, ulong.MaxValue - 1, ulong.MaxValue, path, Hash32.Zero));
        Assert.False(MerkleProofs.VerifyInclusion(Hash32.Zero, 0, 0, [], MerkleHash.Empty));
        Assert.False(Consistent(1, Hash32.Zero, int.MaxValue, Hash32.Zero, path));
        Assert.False(MerkleProofs.VerifyConsistency(
            ulong.MaxValue - 1, Hash32.Zero, ulong.MaxValue, Hash32.Zero, path));
    }

    [Fact]
    public void A_leaf_cannot_pose_as_a_node()
    {
        Hash32 left = MerkleHash.OfLeaf("l"u8);
        Hash32 right = MerkleHash.OfLeaf("r"u8);

        Assert.NotEqual(
            MerkleHash.OfNode(left, right), MerkleHash.OfLeaf([.. left.ToArray(), .. right.ToArray()]));
    }

    [Fact]
    public void A_node_cannot_pose_as_a_leaf_with_a_shorter_path()
    {
        Hash32 node = MerkleHash.OfNode(MerkleHash.OfLeaf(s_leaves[0]), MerkleHash.OfLeaf(s_leaves[1]));
        Hash32[] path = s_tree.ProveInclusion(index: 0, size: 8);

        Assert.False(MerkleProofs.VerifyInclusion(node, 0, 8, path.AsSpan(1), s_roots[8]));
        Assert.False(MerkleProofs.VerifyInclusion(s_roots[8], 0, 8, [], s_roots[8]));
    }

    [Fact]
    public void A_consistency_proof_cannot_stop_early()
    {
        // The first root is a full subtree of the second; without the last hash the path would end below the root.
        Hash32[] path = s_tree.ProveConsistency(first: 4, second: 16);

        Assert.False(Consistent(4, s_roots[4], 16, s_roots[8], path[..1]));
        Assert.True(Consistent(4, s_roots[4], 8, s_roots[8], path[..1]));
    }

    private static void RefusesAnythingElse(Hash32 leaf, ulong index, ulong size, Hash32[] path, Hash32 root)
    {
        Assert.False(MerkleProofs.VerifyInclusion(Flip(leaf, (int)index), index, size, path, root));
        Assert.False(MerkleProofs.VerifyInclusion(leaf, index, size, path, Flip(root, (int)index)));
        Assert.False(MerkleProofs.VerifyInclusion(leaf, index, size, [.. path, Hash32.Zero], root));
        Assert.False(MerkleProofs.VerifyInclusion(leaf, size, size, path, root));
        if (path.Length > 0)
            Assert.False(MerkleProofs.VerifyInclusion(leaf, index, size, path.AsSpan(1), root));
        if (size > 1)
            Assert.False(MerkleProofs.VerifyInclusion(leaf, index ^ 1, size, path, root) && (index ^ 1) < size);

        for (int i = 0; i < path.Length; i++)
        {
            Hash32[] flipped = [.. path];
            flipped[i] = Flip(path[i], (int)index + i);
            Assert.False(MerkleProofs.VerifyInclusion(leaf, index, size, flipped, root));
        }
    }

    private static bool Consistent(int first, Hash32 firstRoot, int second, Hash32 secondRoot, Hash32[] path) =>
        MerkleProofs.VerifyConsistency((ulong)first, firstRoot, (ulong)second, secondRoot, path);

    private static Hash32 Flip(Hash32 hash, int bit)
    {
        byte[] bytes = hash.ToArray();
        bytes[bit / 8 % 32] ^= (byte)(1 << (bit % 8));
        return Hash32.Read(bytes);
    }

    private static MerkleTree TreeOf(byte[][] leaves) =>
        MerkleTree.OfLeaves([.. leaves.Select(leaf => (ReadOnlyMemory<byte>)leaf)]);

    // RFC 6962, section 2.1, word for word and with another hash interface.
    private static Hash32 PlainRoot(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
            return Hash32.Read(SHA256.HashData([]));
        if (leaves.Length == 1)
            return Hash32.Read(SHA256.HashData([0, .. leaves[0]]));

        int k = Split(leaves.Length);
        byte[] left = PlainRoot(leaves[..k]).ToArray();
        byte[] right = PlainRoot(leaves[k..]).ToArray();
        return Hash32.Read(SHA256.HashData([1, .. left, .. right]));
    }

    private static Hash32[] PlainPath(int m, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return [];

        int k = Split(leaves.Length);
        return m < k
            ? [.. PlainPath(m, leaves[..k]), PlainRoot(leaves[k..])]
            : [.. PlainPath(m - k, leaves[k..]), PlainRoot(leaves[..k])];
    }

    private static int Split(int count)
    {
        int k = 1;
        while (k * 2 < count)
            k *= 2;

        return k;
    }
}
