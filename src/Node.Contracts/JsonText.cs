using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Node.Contracts;

/// <summary>Writes compact JSON whose bytes are the same on every peer and runtime.</summary>
/// <remarks>
/// Utf8JsonWriter is not used for two reasons: its encoders follow the Unicode tables of their runtime, so two peers of
/// different age may escape a character differently and disagree about a record; and a lineage nests deeper than it
/// likes.
/// Escaped are the quote, the backslash, control characters, and '&lt;', '&gt;', '&amp;', U+2028, U+2029 as the 2019
/// contract escaped them; all else is plain UTF-8. The caller closes what it opens. One owner, one thread.
/// </remarks>
internal sealed class JsonText(int capacityBytes)
{
    private readonly ArrayBufferWriter<byte> _written = new(capacityBytes);
    private bool _needsComma;   // Invariant: true after a value, false after a name and after an opening bracket.

    public ReadOnlyMemory<byte> Written => _written.WrittenMemory;

    public int Bytes => _written.WrittenCount;

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Close((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Close((byte)']');

    /// <param name="name">Needs no escaping: names are constants.</param>
    public void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        Byte((byte)'"');
        _written.Write(name);
        _written.Write("\":"u8);
        _needsComma = false;
    }

    public void Text(ReadOnlySpan<byte> name, string text)
    {
        Name(name);
        Text(text);
    }

    public void Text(string text)
    {
        const int StackBytes = 512;
        int bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = bytesMax <= StackBytes ? stackalloc byte[StackBytes] : new byte[bytesMax];
        Text(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Byte((byte)'"');
        WriteEscaped(utf8);
        Byte((byte)'"');
        _needsComma = true;
    }

    /// <summary>A text that is already escaped by this class, taken from inside of its quotes.</summary>
    public void Escaped(ReadOnlySpan<byte> name, ReadOnlySpan<byte> escaped)
    {
        Name(name);
        Escaped(escaped);
    }

    /// <inheritdoc cref="Escaped(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public void Escaped(ReadOnlySpan<byte> escaped)
    {
        Separate();
        Byte((byte)'"');
        _written.Write(escaped);
        Byte((byte)'"');
        _needsComma = true;
    }

    public void Number(ReadOnlySpan<byte> name, ulong number)
    {
        Name(name);
        const int DigitsMax = 20;
        bool formatted = Utf8Formatter.TryFormat(number, _written.GetSpan(DigitsMax), out int bytes);
        Node.Protocol.Invariant.Require(formatted, "no ulong has more than 20 digits");
        _written.Advance(bytes);
        _needsComma = true;
    }

    public void Flag(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        _written.Write(value ? "true"u8 : "false"u8);
        _needsComma = true;
    }

    private void Open(byte bracket)
    {
        Separate();
        Byte(bracket);
        _needsComma = false;
    }

    private void Close(byte bracket)
    {
        Byte(bracket);
        _needsComma = true;
    }

    private void Separate()
    {
        if (_needsComma)
            Byte((byte)',');
    }

    private void Byte(byte value)
    {
        _written.GetSpan(1)[0] = value;
        _written.Advance(1);
    }

    private void WriteEscaped(ReadOnlySpan<byte> utf8)
    {
        int plainFrom = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            int taken = EscapedBytes(utf8[i..]);
            if (taken == 0)
                continue;

            _written.Write(utf8[plainFrom..i]);
            WriteEscape(utf8.Slice(i, taken));
            i += taken - 1;
            plainFrom = i + 1;
        }

        _written.Write(utf8[plainFrom..]);
    }

    /// <summary>How many bytes of input the next escape replaces; 0 when the next byte stands for itself.</summary>
    private static int EscapedBytes(ReadOnlySpan<byte> rest)
    {
        const int LineSeparatorBytes = 3;
        byte next = rest[0];
        if (next is < 0x20 or (byte)'"' or (byte)'\\' or (byte)'<' or (byte)'>' or (byte)'&')
            return 1;
        bool separator =
            next == 0xE2 && rest.Length >= LineSeparatorBytes && rest[1] == 0x80 && rest[2] is 0xA8 or 0xA9;
        return separator ? LineSeparatorBytes : 0;
    }

    private void WriteEscape(ReadOnlySpan<byte> character)
    {
        switch (character[0])
        {
            case (byte)'"': _written.Write("\\\""u8); break;
            case (byte)'\\': _written.Write("\\\\"u8); break;
            case (byte)'\n': _written.Write("\\n"u8); break;
            case (byte)'\r': _written.Write("\\r"u8); break;
            case (byte)'\t': _written.Write("\\t"u8); break;
            case 0xE2: _written.Write(character[2] == 0xA8 ? "\\u2028"u8 : "\\u2029"u8); break;
            default:
                const string Digits = "0123456789abcdef";
                _written.Write("\\u00"u8);
                Byte((byte)Digits[character[0] >> 4]);
                Byte((byte)Digits[character[0] & 0xF]);
                break;
        }
    }
}
