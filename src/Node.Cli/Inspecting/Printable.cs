using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;

namespace Node.Cli.Inspecting;

/// <summary>Bytes from the ledger as text that a terminal cannot be tricked with.</summary>
internal static class Printable
{
    /// <param name="charsMax">What is beyond is counted instead of shown.</param>
    public static string Of(ByteString bytes, int charsMax)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            string hex = Convert.ToHexStringLower(bytes.Span[..Math.Min(bytes.Length, charsMax / 2)]);
            return bytes.Length > charsMax / 2 ? $"0x{hex}… ({Count(bytes.Length)} bytes)" : "0x" + hex;
        }

        string text = Of(bytes.ToStringUtf8());
        return text.Length <= charsMax ? text : $"{text[..charsMax]}… ({Count(bytes.Length)} bytes)";
    }

    /// <summary>Control characters, U+0000 of composite keys among them, become visible escapes.</summary>
    public static string Of(string text)
    {
        if (!text.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
            return text;

        var builder = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value == 0x10FFFF)
                builder.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                builder.Append(rune.ToString());
        }

        return builder.ToString();
    }

    private static string Count(int bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}
