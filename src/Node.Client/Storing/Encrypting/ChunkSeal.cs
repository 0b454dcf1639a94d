using System.Buffers.Binary;
using Node.Protocol;

namespace Node.Client.Storing.Encrypting;

/// <summary>What chunks have in common on both sides.</summary>
internal static class ChunkSeal
{
    /// <summary>Behind the content in the last chunk: its length, u64, and its SHA-256.</summary>
    public const int EndBytes = sizeof(ulong) + Hash32.Bytes;

    /// <summary>
    /// The chunk's number and whether it is the last: a chunk that is moved, left out or repeated does not open, nor
    /// does a content that was cut off.
    /// </summary>
    public static void WriteNonce(Span<byte> nonce, ulong chunk, bool isLast)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce, chunk);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
    }
}
