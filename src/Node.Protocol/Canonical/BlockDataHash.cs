using System.Security.Cryptography;
using Google.Protobuf;

namespace Node.Protocol.Canonical;

/// <summary>
/// The data hash of a block header: over all envelopes, one behind the other, with nothing between them.
/// </summary>
/// <remarks>
/// The split into envelopes is not covered (CVE-2023-46132). That is why envelopes must be canonical
/// (<see cref="CanonicalEnvelope"/>) and why a block commits to a Merkle root besides.
/// </remarks>
public static class BlockDataHash
{
    public static Hash32 Of(ReadOnlySpan<ReadOnlyMemory<byte>> envelopes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ref readonly ReadOnlyMemory<byte> envelope in envelopes)
            hash.AppendData(envelope.Span);

        return Hash32.Finish(hash);
    }

    public static Hash32 Of(IReadOnlyList<ByteString> envelopes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int index = 0; index < envelopes.Count; index++)
            hash.AppendData(envelopes[index].Span);

        return Hash32.Finish(hash);
    }
}
