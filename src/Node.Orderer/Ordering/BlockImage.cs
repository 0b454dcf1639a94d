namespace Node.Orderer.Ordering;

/// <summary>
/// A serialized common.Block in up to three pieces that belong one behind the other. Nobody changes the bytes.
/// </summary>
/// <remarks>The envelopes of a block just made are those of its log entry, in place: a block costs no copy of its
/// data.</remarks>
internal readonly record struct BlockImage(
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Tail)
{
    public int Length => Head.Length + Data.Length + Tail.Length;

    public static BlockImage Of(ReadOnlyMemory<byte> whole) => new(whole, default, default);

    /// <summary>In one piece; copies unless it is one already.</summary>
    public ReadOnlyMemory<byte> ToWhole()
    {
        if (Length == Head.Length)
            return Head;

        byte[] whole = new byte[Length];
        Head.CopyTo(whole);
        Data.CopyTo(whole.AsMemory(Head.Length));
        Tail.CopyTo(whole.AsMemory(Head.Length + Data.Length));
        return whole;
    }
}
