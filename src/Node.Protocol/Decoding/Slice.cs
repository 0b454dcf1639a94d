namespace Node.Protocol.Decoding;

/// <summary>Where some bytes lie inside of others: half-open, from <paramref name="Start"/>.</summary>
/// <remarks>
/// Eight bytes and no reference, so that a decoded transaction is a few arrays of these instead of copies. The default
/// value stands for a field that was not there: a tag and a length lie before every field that was.
/// </remarks>
public readonly record struct Slice(int Start, int Length)
{
    public bool IsPresent => Start > 0;

    public bool IsEmpty => Length == 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);

    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> bytes) => bytes.Slice(Start, Length);
}

/// <summary>Neighbouring elements of a flat array.</summary>
public readonly record struct Run(int Start, int Count);
