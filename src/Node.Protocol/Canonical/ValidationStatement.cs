using System.Buffers.Binary;
using System.Text;

namespace Node.Protocol.Canonical;

/// <summary>The endorsement policy that applied to one contract, as its definition carries it.</summary>
/// <param name="Policy">An encoded ApplicationPolicy.</param>
public readonly record struct PolicyInForce(string Contract, ReadOnlyMemory<byte> Policy);

/// <summary>
/// What a peer signs to vouch for the outcome of a transaction: where it lies, what became of it, by which policies it
/// was judged, and on which state.
/// </summary>
/// <remarks>
/// Immutable; any thread. Every part has one length or carries it, so two statements never share their bytes, and the
/// first bytes keep them apart from everything else that a peer signs. docs/formats.md, "Validation statement".
/// </remarks>
public sealed record ValidationStatement
{
    private static ReadOnlySpan<byte> Domain => "hyperprov validation statement 1\n"u8;

    public required ChannelId Channel { get; init; }

    public required ulong BlockNumber { get; init; }

    /// <summary>Of the block's header.</summary>
    public required Hash32 BlockHash { get; init; }

    /// <summary>Of the transaction in its block.</summary>
    public required uint Index { get; init; }

    /// <summary>
    /// How many transactions the block holds: without it a Merkle path could be read for another tree.
    /// </summary>
    public required uint Count { get; init; }

    public required TxId TransactionId { get; init; }

    /// <summary>A TxValidationCode.</summary>
    public required byte Code { get; init; }

    /// <summary>The peers' hash over all verdicts and writes up to this block.</summary>
    public required Hash32 CommitHash { get; init; }

    /// <summary>By contract name in byte order, each once.</summary>
    public required IReadOnlyList<PolicyInForce> Policies { get; init; }

    /// <summary>The bytes to sign or to verify.</summary>
    /// <param name="peer">The encoded SerializedIdentity of the signer.</param>
    /// <param name="signedAt">Seconds since 1970.</param>
    public byte[] ToBytes(ReadOnlySpan<byte> peer, long signedAt)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Domain);
        WritePrefixed(bytes, Encoding.UTF8.GetBytes(Channel.Value));
        WriteNumber(bytes, BlockNumber);
        bytes.Write(BlockHash.AsSpan());
        WriteNumber(bytes, Index);
        WriteNumber(bytes, Count);
        bytes.Write(TransactionId.ToHash().AsSpan());
        bytes.WriteByte(Code);
        bytes.Write(CommitHash.AsSpan());
        WriteNumber(bytes, (ulong)Policies.Count);
        foreach (PolicyInForce policy in Policies)
        {
            WritePrefixed(bytes, Encoding.UTF8.GetBytes(policy.Contract));
            WritePrefixed(bytes, policy.Policy.Span);
        }

        WriteNumber(bytes, unchecked((ulong)signedAt));
        WritePrefixed(bytes, peer);
        return bytes.ToArray();
    }

    private static void WriteNumber(MemoryStream bytes, ulong number)
    {
        Span<byte> digits = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(digits, number);
        bytes.Write(digits);
    }

    private static void WritePrefixed(MemoryStream bytes, ReadOnlySpan<byte> part)
    {
        WriteNumber(bytes, (ulong)part.Length);
        bytes.Write(part);
    }
}
