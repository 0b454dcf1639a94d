using Node.Client.Lineages;

namespace Node.Client.Exporting;

/// <summary>Names from a document as a fault can repeat them: short, and without tricks.</summary>
internal static class Quoted
{
    private const int CharsMax = 80;

    public static string Short(string text) => DisplayText.Shorten(DisplayText.Visible(text), CharsMax);
}
