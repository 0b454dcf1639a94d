using System.Globalization;

namespace Node.Client.Exporting.Prov;

/// <summary>Times as xsd:dateTime spells them.</summary>
internal static class ProvTime
{
    public static bool IsValid(string text) =>
        text.Length is >= 10 and <= 40 && char.IsAsciiDigit(text[0]) && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out _);

    /// <summary>A record's own time, when it is one.</summary>
    public static string? OfRecord(string timestamp) => IsValid(timestamp) ? timestamp : null;
}
