using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Node.Protocol;

namespace Node.Contracts;

/// <summary>Writes compact JSON whose bytes are the same on every peer and runtime.</summary>
/// <remarks>
/// Utf8JsonWriter is not used for two reasons: its encoders follow the Unicode tables of their runtime, so two peers of
/// different age may escape a character differently and disagree about a record; and a lineage nests deeper than it
/// likes.
/// Escaped are the quote, the backslash, control characters, and '&lt;', '&gt;', '&amp;', U+2028, U+2029 as the 2019
/// contract escaped them; all else is plain UTF-8. The caller closes what it opens. One owner, one thread.
/// </remarks>
/// <param name="capacityBytes">What is usual; it grows beyond.</param>
internal sealed class JsonText(int capacityBytes)
{
    // The bytes that are escaped, and the first byte of U+2028 and U+2029, which may be.
    private static readonly SearchValues<byte> s_remarkable = SearchValues.Create(
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
        30, 31, (byte)'"', (byte)'\\', (byte)'<', (byte)'>', (byte)'&', LineSeparatorLead,
    ]);

    private const byte LineSeparatorLead = 0xE2;
    private const int EscapeBytesMax = 6;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(int.Max(capacityBytes, 64));
    private int _count;
    private bool _needsComma;   // Invariant: true after a value, false after a name and after an opening bracket.

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _count);

    public int Bytes => _count;

    /// <summary>How many bytes a text takes inside of its quotes.</summary>
    public static int EscapedBytes(ReadOnlySpan<byte> utf8)
    {
        Span<byte> escape = stackalloc byte[EscapeBytesMax];
        int bytes = utf8.Length;
        int at;
        while ((at = utf8.IndexOfAny(s_remarkable)) >= 0)
        {
            int taken = EscapedBytesAt(utf8[at..]);
            if (taken > 0)
                bytes += EscapeOf(utf8.Slice(at, taken), escape) - taken;
            utf8 = utf8[(at + int.Max(taken, 1))..];
        }

        return bytes;
    }

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Close((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Close((byte)']');

    /// <param name="name">Needs no escaping: names are constants.</param>
    public void Name(ReadOnlySpan<byte> name)
    {
        const int PunctuationBytes = 4;
        Span<byte> room = Room(name.Length + PunctuationBytes);
        int at = 0;
        if (_needsComma)
            room[at++] = (byte)',';
        room[at++] = (byte)'"';
        name.CopyTo(room[at..]);
        at += name.Length;
        room[at++] = (byte)'"';
        room[at++] = (byte)':';
        _count += at;
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
        Quote(opens: true);
        WriteEscaped(utf8);
        Quote(opens: false);
    }

    /// <summary>An id: 64 digits of lower-case hex.</summary>
    public void Id(Hash32 id)
    {
        const int PunctuationBytes = 3;
        Span<byte> room = Room(TxId.Chars + PunctuationBytes);
        int at = 0;
        if (_needsComma)
            room[at++] = (byte)',';
        room[at++] = (byte)'"';
        bool written = Convert.TryToHexStringLower(id.AsSpan(), room[at..], out int digits);
        Invariant.Require(written, "there is room for all digits");
        at += digits;
        room[at++] = (byte)'"';
        _count += at;
        _needsComma = true;
    }

    public void Id(ReadOnlySpan<byte> name, Hash32 id)
    {
        Name(name);
        Id(id);
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
        Quote(opens: true);
        Raw(escaped);
        Quote(opens: false);
    }

    public void Number(ReadOnlySpan<byte> name, ulong number)
    {
        Name(name);
        Number(number);
    }

    public void Number(ulong number)
    {
        const int DigitsMax = 20;
        Separate();
        bool formatted = Utf8Formatter.TryFormat(number, Room(DigitsMax), out int bytes);
        Invariant.Require(formatted, "no ulong has more than 20 digits");
        _count += bytes;
        _needsComma = true;
    }

    public void Flag(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        Raw(value ? "true"u8 : "false"u8);
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

    private void Quote(bool opens)
    {
        if (opens)
            Separate();
        Byte((byte)'"');
        _needsComma = !opens;
    }

    private void Separate()
    {
        if (_needsComma)
            Byte((byte)',');
    }

    private void Byte(byte value)
    {
        Room(1)[0] = value;
        _count++;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _count += bytes.Length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _count < bytes)
            Array.Resize(ref _buffer, int.Max(_count + bytes, int.CreateSaturating(2L * _buffer.Length)));
        return _buffer.AsSpan(_count);
    }

    private void WriteEscaped(ReadOnlySpan<byte> utf8)
    {
        int at;
        while ((at = utf8.IndexOfAny(s_remarkable)) >= 0)
        {
            int taken = EscapedBytesAt(utf8[at..]);
            Raw(utf8[..at]);
            if (taken > 0)
                _count += EscapeOf(utf8.Slice(at, taken), Room(EscapeBytesMax));
            else
                Byte(utf8[at]);
            utf8 = utf8[(at + int.Max(taken, 1))..];
        }

        Raw(utf8);
    }

    /// <summary>How many bytes of input the next escape replaces; 0 when the next byte stands for itself.</summary>
    private static int EscapedBytesAt(ReadOnlySpan<byte> rest)
    {
        const int LineSeparatorBytes = 3;
        if (rest[0] != LineSeparatorLead)
            return 1;
        bool separator = rest.Length >= LineSeparatorBytes && rest[1] == 0x80 && rest[2] is 0xA8 or 0xA9;
        return separator ? LineSeparatorBytes : 0;
    }

    private static int EscapeOf(ReadOnlySpan<byte> character, Span<byte> destination)
    {
        ReadOnlySpan<byte> named = character[0] switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            LineSeparatorLead => character[2] == 0xA8 ? "\\u2028"u8 : "\\u2029"u8,
            _ => default,
        };
        if (!named.IsEmpty)
        {
            named.CopyTo(destination);
            return named.Length;
        }

        const string Digits = "0123456789abcdef";
        "\\u00"u8.CopyTo(destination);
        destination[4] = (byte)Digits[character[0] >> 4];
        destination[5] = (byte)Digits[character[0] & 0xF];
        return EscapeBytesMax;
    }
}
