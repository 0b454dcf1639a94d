using System.Numerics;
using Google.Protobuf;

namespace Node.Protocol.Merkle;

/// <summary>The root over leaves that are all at hand, without keeping the tree.</summary>
public static class MerkleRoot
{
    /// <param name="leaves">Their content; the hash of a leaf is computed here.</param>
    public static Hash32 Of(ReadOnlySpan<ReadOnlyMemory<byte>> leaves)
    {
        Span<Hash32> peaks = stackalloc Hash32[32];
        int peakCount = 0;
        for (int i = 0; i < leaves.Length; i++)
            Push(peaks, ref peakCount, (uint)i, MerkleHash.OfLeaf(leaves[i].Span));

        return Fold(peaks[..peakCount]);
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{ReadOnlyMemory{byte}})"/>
    public static Hash32 Of(IReadOnlyList<ByteString> leaves)
    {
        Span<Hash32> peaks = stackalloc Hash32[32];
        int peakCount = 0;
        for (int i = 0; i < leaves.Count; i++)
            Push(peaks, ref peakCount, (uint)i, MerkleHash.OfLeaf(leaves[i].Span));

        return Fold(peaks[..peakCount]);
    }

    private static void Push(Span<Hash32> peaks, ref int peakCount, uint size, Hash32 hash)
    {
        // Every trailing one bit of the size is a full subtree that the new leaf completes to one twice as large.
        for (int merges = BitOperations.TrailingZeroCount(~size); merges > 0; merges--)
            hash = MerkleHash.OfNode(peaks[--peakCount], hash);

        peaks[peakCount++] = hash;
    }

    private static Hash32 Fold(ReadOnlySpan<Hash32> peaks)
    {
        if (peaks.IsEmpty)
            return MerkleHash.Empty;

        Hash32 root = peaks[^1];
        for (int i = peaks.Length - 2; i >= 0; i--)
            root = MerkleHash.OfNode(peaks[i], root);

        return root;
    }
}
