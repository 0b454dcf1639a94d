namespace Node.Protocol.Decoding;

/// <summary>
/// Writes fields of a protobuf message into memory whose size was computed with <see cref="WireSizes"/>.
/// </summary>
/// <remarks>Canonical: shortest varints; the caller gives fields in ascending order and leaves defaults out.</remarks>
public ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Written { get; private set; }

    public void Bytes(int field, scoped ReadOnlySpan<byte> value)
    {
        LengthPrefix(field, value.Length);
        Raw(value);
    }

    /// <summary>Starts a bytes or message field whose content follows.</summary>
    public void LengthPrefix(int field, int length)
    {
        Varint(((ulong)(uint)field << 3) | 2);
        Varint((ulong)(uint)length);
    }

    public void Number(int field, ulong value)
    {
        Varint((ulong)(uint)field << 3);
        Varint(value);
    }

    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Written..]);
        Written += bytes.Length;
    }

    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _destination[Written++] = (byte)(value & 0x7f | 0x80);
            value >>= 7;
        }

        _destination[Written++] = (byte)value;
    }
}

/// <summary>How many bytes fields take when encoded.</summary>
public static class WireSizes
{
    public const int VarintMax = 10;

    public static int OfVarint(ulong value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    public static int OfBytes(int field, int length) =>
        OfVarint((ulong)(uint)field << 3) + OfVarint((ulong)(uint)length) + length;

    public static int OfNumber(int field, ulong value) => OfVarint((ulong)(uint)field << 3) + OfVarint(value);
}
