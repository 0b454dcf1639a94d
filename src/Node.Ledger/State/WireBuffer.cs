using Node.Protocol.Decoding;

namespace Node.Ledger;

/// <summary>A protobuf message under construction, whose size is not known beforehand. Reused by its owner.</summary>
/// <remarks>Canonical as long as fields are given in ascending order.</remarks>
internal sealed class WireBuffer
{
    private byte[] _bytes = new byte[256];
    private int _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public int Count => _count;

    public void Clear() => _count = 0;

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        int size = WireSizes.OfBytes(field, value.Length);
        var writer = new WireWriter(Grow(size));
        writer.Bytes(field, value);
    }

    public void BytesUnlessEmpty(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
            Bytes(field, value);
    }

    public void NumberUnlessZero(int field, ulong value)
    {
        if (value == 0)
            return;

        var writer = new WireWriter(Grow(WireSizes.OfNumber(field, value)));
        writer.Number(field, value);
    }

    private Span<byte> Grow(int size)
    {
        if (_bytes.Length - _count < size)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _count + size));

        Span<byte> room = _bytes.AsSpan(_count, size);
        _count += size;
        return room;
    }
}
