using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Samples.Iot;

/// <summary>One day of one station, in the fixed columns of NOAA's Global Surface Summary of the Day.</summary>
/// <param name="Text">The line as it stands in the file, without its end.</param>
/// <param name="Temperature">Mean, Fahrenheit; 9999.9 where it is missing, as in all of these.</param>
/// <param name="Wind">Mean, knots.</param>
internal sealed record GsodLine(
    string Text, string Station, string Date, decimal Temperature, decimal Highest, decimal Lowest, decimal Wind,
    decimal StrongestWind)
{
    public const int Columns = 138;
    public const decimal Missing = 9999.9m;
    public const decimal MissingWind = 999.9m;

    /// <param name="fault">Names the columns, counted from 1, and what stands there.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out GsodLine? line, [NotNullWhen(false)] out string? fault)
    {
        line = null;
        fault = null;
        if (text.Length != Columns)
        {
            fault = $"it has {text.Length} characters, a day has {Columns}";
            return false;
        }

        string date = text.Substring(14, 8);
        if (!DateOnly.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            fault = $"columns 15 to 22 hold no date: '{date}'";
        decimal temperature = Number(text, 24, 6, ref fault);
        decimal wind = Number(text, 78, 5, ref fault);
        decimal strongest = Number(text, 88, 5, ref fault);
        decimal highest = Number(text, 102, 6, ref fault);
        decimal lowest = Number(text, 110, 6, ref fault);
        if (fault is null)
            line = new GsodLine(text, text[..6], date, temperature, highest, lowest, wind, strongest);
        return fault is null;
    }

    private static decimal Number(string text, int at, int length, ref string? fault)
    {
        string field = text.Substring(at, length).Trim();
        if (!decimal.TryParse(
            field, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out decimal number))
            fault ??= $"columns {at + 1} to {at + length} hold no number: '{field}'";
        return number;
    }
}
