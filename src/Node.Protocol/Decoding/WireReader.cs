using System.Runtime.CompilerServices;

namespace Node.Protocol.Decoding;

/// <summary>Walks over the fields of one protobuf message in place. Bounded by the bytes given; never throws.</summary>
/// <remarks>
/// <code>
/// while (reader.Next())
///     if (reader.Field == 1) reader.TryBytes(out Slice name);   // A field nobody takes is skipped.
/// if (reader.Failed) …
/// </code>
/// Positions are relative to the span that was given first, also in a reader made by <see cref="Inside"/>.
/// Accepts what Google.Protobuf accepts for the messages of this project, with two differences: groups, which proto3
/// does not have, are refused even in unknown fields; and a known field with another wire type than its own is refused
/// instead of being kept as unknown.
/// </remarks>
public ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _end;
    private int _at;
    private WireType _type;
    private bool _taken;

    public WireReader(ReadOnlySpan<byte> message)
        : this(message, new Slice(0, message.Length))
    {
    }

    private WireReader(ReadOnlySpan<byte> bytes, Slice message)
    {
        _bytes = bytes;
        _at = message.Start;
        _end = message.End;
        _taken = true;
    }

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>The number of the field that <see cref="Next"/> stopped at.</summary>
    public int Field { get; private set; }

    /// <summary>True once something was malformed. <see cref="Next"/> is false from then on.</summary>
    public bool Failed { get; private set; }

    /// <summary>A reader over a message inside of the same bytes.</summary>
    public static WireReader Inside(ReadOnlySpan<byte> bytes, Slice message) => new(bytes, message);

    /// <summary>Goes to the next field, skipping the value of the last one if nobody took it.</summary>
    /// <returns>False at the end, and when something is malformed.</returns>
    public bool Next()
    {
        if (!_taken)
            Skip();
        if (Failed || _at == _end)
            return false;

        if (!TryVarint(out ulong tag) || tag > uint.MaxValue)
            return Fail();

        int field = (int)(tag >> 3);
        _type = (WireType)(tag & 7);
        if (field == 0 || _type is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
            return Fail();

        Field = field;
        _taken = false;
        return true;
    }

    /// <summary>Takes a bytes, string or message field.</summary>
    public bool TryBytes(out Slice bytes)
    {
        bytes = default;
        if (_taken || _type != WireType.Bytes || !TryVarint(out ulong length) || length > (ulong)(_end - _at))
            return Fail();

        bytes = new Slice(_at, (int)length);
        _at += (int)length;
        _taken = true;
        return true;
    }

    /// <summary>Takes a message field that may be there once.</summary>
    /// <remarks>
    /// Protobuf would merge a second one into the first. No encoder writes that, and slices cannot show it, so it is
    /// refused. Of scalar, text and bytes fields the last one counts, as in protobuf.
    /// </remarks>
    public bool TryMessage(ref Slice message) => message.IsPresent ? Fail() : TryBytes(out message);

    /// <summary>Takes a string field. UTF-8 is checked, as proto3 demands.</summary>
    public bool TryText(out Slice text) =>
        TryBytes(out text) && (System.Text.Unicode.Utf8.IsValid(text.Of(_bytes)) || Fail());

    public bool TryUInt64(out ulong value)
    {
        value = 0;
        if (_taken || _type != WireType.Varint || !TryVarint(out value))
            return Fail();

        _taken = true;
        return true;
    }

    /// <summary>Takes an int32 or enum field: the low 32 bits, as the encoding prescribes.</summary>
    public bool TryInt32(out int value)
    {
        bool read = TryUInt64(out ulong wide);
        value = unchecked((int)wide);
        return read;
    }

    public bool TryUInt32(out uint value)
    {
        bool read = TryUInt64(out ulong wide);
        value = unchecked((uint)wide);
        return read;
    }

    public bool TryInt64(out long value)
    {
        bool read = TryUInt64(out ulong wide);
        value = unchecked((long)wide);
        return read;
    }

    public bool TryBool(out bool value)
    {
        bool read = TryUInt64(out ulong wide);
        value = wide != 0;
        return read;
    }

    /// <summary>Makes the whole message malformed: for checks that the caller adds.</summary>
    /// <returns>Always false.</returns>
    public bool Fail()
    {
        Failed = true;
        _taken = true;
        _at = _end;
        return false;
    }

    private void Skip()
    {
        switch (_type)
        {
            case WireType.Varint:
                TryUInt64(out _);
                break;
            case WireType.Bytes:
                TryBytes(out _);
                break;
            default:
                int bytes = _type == WireType.Fixed64 ? sizeof(ulong) : sizeof(uint);
                if (_end - _at < bytes)
                {
                    Fail();
                    return;
                }

                _at += bytes;
                _taken = true;
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryVarint(out ulong value)
    {
        // Nearly every tag and most lengths are one byte.
        if (_at < _end && _bytes[_at] < 0x80)
        {
            value = _bytes[_at++];
            return true;
        }

        return TryLongVarint(out value);
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && _at < _end; shift += 7)
        {
            byte digit = _bytes[_at++];
            value |= (ulong)(digit & 0x7f) << shift;   // Bits beyond the 64th fall off, as in every implementation.
            if (digit < 0x80)
                return true;
        }

        return false;
    }
}
