using System.Globalization;
using System.Text;

namespace Node.Client.Lineages;

/// <summary>
/// Text from the ledger as a person can be shown it: whoever wrote it chose it, and may want to deceive.
/// </summary>
public static class DisplayText
{
    /// <summary>
    /// Control characters, unpaired surrogates, noncharacters and marks that turn the direction of writing become
    /// visible escapes; everything else stays.
    /// </summary>
    public static string Visible(string text)
    {
        if (text.All(c => c is >= ' ' and <= '~'))
            return text;

        var visible = new StringBuilder(text.Length + 16);
        for (int index = 0; index < text.Length; index++)
        {
            bool isPair = char.IsHighSurrogate(text[index]) && index + 1 < text.Length
                && char.IsLowSurrogate(text[index + 1]);
            int code = isPair ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];
            if (IsDeceptive(code))
                visible.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}");
            else
                visible.Append(text, index, isPair ? 2 : 1);

            index += isPair ? 1 : 0;
        }

        return visible.ToString();
    }

    /// <summary>At most so many characters, with the middle left out: both ends of a path tell what it is.</summary>
    public static string Shorten(string text, int charsMax)
    {
        if (text.Length <= charsMax)
            return text;

        int head = (charsMax - 1) / 2;
        int tail = charsMax - 1 - head;
        if (char.IsHighSurrogate(text[head - 1]))
            head--;
        if (char.IsLowSurrogate(text[^tail]))
            tail--;

        return $"{text[..head]}…{text[^tail..]}";
    }

    private static bool IsDeceptive(int code) =>
        code < ' ' || code is >= 0x7f and <= 0x9f
        || code is >= 0xd800 and <= 0xdfff
        || (code & 0xfffe) == 0xfffe || code is >= 0xfdd0 and <= 0xfdef
        || code is 0x61c or >= 0x200b and <= 0x200f or >= 0x2028 and <= 0x202e or >= 0x2060 and <= 0x206f or 0xfeff;
}
