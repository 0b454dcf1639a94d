using System.Text;

namespace Node.Contracts;

/// <summary>Text from outside inside of a message: bounded and free of control characters.</summary>
internal static class Quoted
{
    private const int CharsMax = 128;

    /// <summary>In quotes.</summary>
    public static string Text(string text) => $"'{Bare(text)}'";

    /// <summary>For the texts that the 2019 contract wrote without quotes.</summary>
    public static string Bare(string text)
    {
        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= CharsMax)
                return shown.Append('…').ToString();
            shown.Append(Rune.IsControl(rune) ? "?" : rune.ToString());
        }

        return shown.ToString();
    }
}
