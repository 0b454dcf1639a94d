namespace Node.Membership.Certificates;

/// <summary>One element: its tag byte, all of its bytes, and its content.</summary>
internal readonly record struct DerElement(byte Tag, ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> Content);

/// <summary>Reads DER (X.690) front to back from bytes that nobody has vouched for. No input makes it throw.</summary>
/// <remarks>
/// Tags of one byte and definite, minimal lengths only; whatever else is refused. Slices point into the input.
/// <c>System.Formats.Asn1</c> answers malformed input with exceptions, which an attacker could make us pay for.
/// </remarks>
internal struct DerReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly bool NextIs(byte tag) => !_rest.IsEmpty && _rest.Span[0] == tag;

    public bool TryRead(out DerElement element)
    {
        element = default;
        if (!TryMeasure(_rest.Span, out int headerBytes, out int contentBytes))
            return false;

        element = new DerElement(
            _rest.Span[0], _rest[..(headerBytes + contentBytes)], _rest.Slice(headerBytes, contentBytes));
        _rest = _rest[(headerBytes + contentBytes)..];
        return true;
    }

    public bool TryRead(byte tag, out DerElement element)
    {
        if (NextIs(tag))
            return TryRead(out element);

        element = default;
        return false;
    }

    public bool TryReadContent(byte tag, out ReadOnlyMemory<byte> content)
    {
        bool read = TryRead(tag, out DerElement element);
        content = element.Content;
        return read;
    }

    public bool TryEnter(byte tag, out DerReader inner)
    {
        bool read = TryRead(tag, out DerElement element);
        inner = new DerReader(element.Content);
        return read;
    }

    /// <summary>Reads the element if it is next. False only when it is there and malformed.</summary>
    public bool TryReadOptional(byte tag, out bool found, out ReadOnlyMemory<byte> content)
    {
        content = default;
        found = NextIs(tag);
        return !found || TryReadContent(tag, out content);
    }

    /// <summary>An OPTIONAL BOOLEAN with DEFAULT FALSE, as in extensions.</summary>
    public bool TryReadFlag(out bool value)
    {
        value = false;
        if (!TryReadOptional(DerTag.Boolean, out bool found, out ReadOnlyMemory<byte> content))
            return false;
        if (!found)
            return true;
        if (content.Length != 1 || content.Span[0] is not (0x00 or 0xff))
            return false;

        value = content.Span[0] == 0xff;
        return true;
    }

    /// <summary>A BIT STRING of whole bytes, as keys and signatures are.</summary>
    public bool TryReadBytesOfBits(out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (!TryReadContent(DerTag.BitString, out ReadOnlyMemory<byte> content)
            || content.Length == 0
            || content.Span[0] != 0)
            return false;

        value = content[1..];
        return true;
    }

    /// <summary>A positive INTEGER in its shortest form, without the zero byte that keeps it positive.</summary>
    public bool TryReadPositive(out ReadOnlyMemory<byte> magnitude)
    {
        magnitude = default;
        return TryReadContent(DerTag.Integer, out ReadOnlyMemory<byte> content)
            && TryTrimPositive(content, out magnitude);
    }

    private static bool TryTrimPositive(ReadOnlyMemory<byte> content, out ReadOnlyMemory<byte> magnitude)
    {
        magnitude = content;
        ReadOnlySpan<byte> bytes = content.Span;
        if (bytes.Length == 0 || bytes[0] >= 0x80)
            return false;
        if (bytes[0] != 0)
            return true;
        if (bytes.Length == 1 || bytes[1] < 0x80)
            return false;

        magnitude = content[1..];
        return true;
    }

    /// <summary>Finds the end of the element that <paramref name="bytes"/> begins with.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int headerBytes, out int contentBytes)
    {
        const int MultiByteTag = 0x1f;
        headerBytes = 2;
        contentBytes = 0;
        if (bytes.Length < 2 || (bytes[0] & MultiByteTag) == MultiByteTag)
            return false;

        int first = bytes[1];
        if (first < 0x80)
        {
            contentBytes = first;
            return contentBytes <= bytes.Length - headerBytes;
        }

        // Three length bytes hold 16 MiB, more than any limit here. 0x80 (indefinite length) is not DER.
        int lengthBytes = first & 0x7f;
        if (lengthBytes is 0 or > 3 || bytes.Length < 2 + lengthBytes || bytes[2] == 0)
            return false;

        foreach (byte b in bytes.Slice(2, lengthBytes))
            contentBytes = (contentBytes << 8) | b;

        headerBytes += lengthBytes;
        return contentBytes >= 0x80 && contentBytes <= bytes.Length - headerBytes;
    }
}
