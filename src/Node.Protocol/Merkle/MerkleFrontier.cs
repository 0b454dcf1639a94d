using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Node.Protocol.Merkle;

/// <summary>
/// All that is needed to append to a Merkle tree and know its root: one hash per set bit of its size.
/// </summary>
/// <remarks>
/// Immutable; any thread. Encoding: size u64 big-endian, then the hashes of the full subtrees, largest first.
/// docs/formats.md, "Chain tree".
/// </remarks>
public sealed class MerkleFrontier
{
    /// <summary>Most nodes that one append completes: the leaf and one for each level above.</summary>
    public const int CompletedMax = 64;

    private readonly Hash32[] _peaks;   // Invariant: as many as Size has set bits, largest subtree first.

    private MerkleFrontier(ulong size, Hash32[] peaks)
    {
        Size = size;
        _peaks = peaks;
        Root = RootOf(peaks);
    }

    public static MerkleFrontier Empty { get; } = new(size: 0, []);

    /// <summary>Count of leaves.</summary>
    public ulong Size { get; }

    public Hash32 Root { get; }

    public MerkleFrontier Append(Hash32 leafHash)
    {
        Span<MerkleNode> completed = stackalloc MerkleNode[CompletedMax];
        return Append(leafHash, completed, out _);
    }

    /// <summary>Appends and reports which nodes came into being, so that proofs can be given from storage.</summary>
    /// <param name="completed">Room for <see cref="CompletedMax"/> nodes; filled from level 0 upward.</param>
    public MerkleFrontier Append(Hash32 leafHash, Span<MerkleNode> completed, out int completedCount)
    {
        Invariant.Require(Size < long.MaxValue, "a tree of this size cannot have been built");
        int merges = BitOperations.TrailingZeroCount(~Size);
        Hash32 hash = leafHash;
        completed[0] = new MerkleNode(Level: 0, Size, hash);
        for (int level = 1; level <= merges; level++)
        {
            hash = MerkleHash.OfNode(_peaks[^level], hash);
            completed[level] = new MerkleNode(level, Size >> level, hash);
        }

        completedCount = merges + 1;
        Hash32[] peaks = new Hash32[_peaks.Length - merges + 1];
        _peaks.AsSpan(0, _peaks.Length - merges).CopyTo(peaks);
        peaks[^1] = hash;
        return new MerkleFrontier(Size + 1, peaks);
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[sizeof(ulong) + (_peaks.Length * Hash32.Bytes)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Size);
        for (int i = 0; i < _peaks.Length; i++)
            _peaks[i].CopyTo(bytes.AsSpan(sizeof(ulong) + (i * Hash32.Bytes)));

        return bytes;
    }

    /// <summary>Takes back what <see cref="ToBytes"/> gave. False when the length does not fit the size.</summary>
    public static bool TryRestore(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out MerkleFrontier? frontier)
    {
        frontier = null;
        if (bytes.Length < sizeof(ulong))
            return false;

        ulong size = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        Hash32[] peaks = new Hash32[BitOperations.PopCount(size)];
        if (size > long.MaxValue || bytes.Length != sizeof(ulong) + (peaks.Length * Hash32.Bytes))
            return false;

        for (int i = 0; i < peaks.Length; i++)
            peaks[i] = Hash32.Read(bytes.Slice(sizeof(ulong) + (i * Hash32.Bytes), Hash32.Bytes));

        frontier = new MerkleFrontier(size, peaks);
        return true;
    }

    private static Hash32 RootOf(ReadOnlySpan<Hash32> peaks)
    {
        if (peaks.IsEmpty)
            return MerkleHash.Empty;

        Hash32 root = peaks[^1];
        for (int i = peaks.Length - 2; i >= 0; i--)
            root = MerkleHash.OfNode(peaks[i], root);

        return root;
    }
}
