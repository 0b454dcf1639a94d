using System.Text;

namespace Node.Client.Lineages.Drawing;

/// <summary>
/// Estimates how wide text becomes, for any common sans-serif face: nobody knows which one will draw it.
/// </summary>
internal static class TextWidth
{
    /// <returns>In pixels, rather too much than too little.</returns>
    public static int Of(string text, int fontSize)
    {
        int permille = 0;
        foreach (Rune rune in text.EnumerateRunes())
            permille += PermilleOf(rune);

        // Titles are set in bold, which is wider.
        return permille * (fontSize >= LineageSvgText.TitleSize ? 116 : 100) / 100 * fontSize / 1000 + 1;
    }

    /// <summary>The text, or as much of both its ends as fits.</summary>
    public static string Fit(string text, int fontSize, int widthMax)
    {
        // What is longer than this never fits: a narrow letter takes 260 permille.
        string fitting = DisplayText.Shorten(text, Math.Max(4, widthMax * 1000 / (260 * fontSize)));
        for (int chars = fitting.Length; chars > 4 && Of(fitting, fontSize) > widthMax; chars--)
            fitting = DisplayText.Shorten(text, chars - 1);

        return fitting;
    }

    private static int PermilleOf(Rune rune)
    {
        if (!rune.IsAscii)
            return rune.Value < 0x1100 ? 660 : 1040;   // Beyond it scripts and signs are mostly square.

        char c = (char)rune.Value;
        return c switch
        {
            'i' or 'j' or 'l' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' => 290,
            'f' or 'r' or 't' or ' ' or '(' or ')' or '[' or ']' or '/' or '\\' or '-' or '"' => 390,
            'm' or 'w' or 'M' or 'W' or '@' or '%' => 930,
            >= 'A' and <= 'Z' => 710,
            _ => 600,
        };
    }
}
