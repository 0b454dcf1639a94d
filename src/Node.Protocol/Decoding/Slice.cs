namespace Node.Protocol.Decoding;

/// <summary>Where some bytes lie inside of others: half-open, from <paramref name="Start"/>.</summary>
/// <remarks>
/// Eight bytes and no reference, so that a decoded transaction is an array of these instead of copies.
/// </remarks>
public readonly record struct Slice(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);

    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> bytes) => bytes.Slice(Start, Length);
}
