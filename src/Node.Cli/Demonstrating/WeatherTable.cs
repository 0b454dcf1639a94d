using System.Globalization;
using System.Text;

namespace Node.Cli.Demonstrating;

/// <summary>Splits and condenses the daily observations. Text in, text out; decimals, so that sums are exact.</summary>
internal static class WeatherTable
{
    private const string SummaryHeader = "month,days,precipitation_mm,temp_max_mean_c,temp_min_mean_c";

    /// <summary>One table for each month, in order, with the header of the whole.</summary>
    /// <param name="csv">Lines of date,precipitation,temp_max,temp_min,wind,weather below a header.</param>
    /// <returns>Name (yyyy-mm) and content.</returns>
    public static IReadOnlyList<(string Month, string Csv)> SplitIntoMonths(string csv)
    {
        string[] lines = Lines(csv);
        return
        [
            .. lines.Skip(1)
                .GroupBy(line => line[..7], StringComparer.Ordinal)
                .OrderBy(month => month.Key, StringComparer.Ordinal)
                .Select(month => (month.Key, Table(lines[0], month))),
        ];
    }

    /// <summary>One line for each month of a year.</summary>
    public static string SummarizeYear(IEnumerable<(string Month, string Csv)> months) =>
        Table(SummaryHeader, months.Select(month => SummarizeMonth(month.Month, month.Csv)));

    /// <summary>One line for each calendar month: the means over all years.</summary>
    /// <param name="years">Tables of <see cref="SummarizeYear"/>.</param>
    public static string SummarizeClimate(IReadOnlyList<string> years)
    {
        IEnumerable<string> lines = years
            .SelectMany(year => Lines(year).Skip(1))
            .Select(line => line.Split(','))
            .GroupBy(cells => cells[0][5..], StringComparer.Ordinal)
            .OrderBy(month => month.Key, StringComparer.Ordinal)
            .Select(month => Invariant(
                $"{month.Key},{month.Count()},{Mean(month, 2)},{Mean(month, 3)},{Mean(month, 4)}"));
        return Table("month,years,precipitation_mm_mean,temp_max_mean_c,temp_min_mean_c", lines);
    }

    /// <summary>The same table with one cell replaced: a reading that was wrong.</summary>
    public static string Correct(string csv, string date, int column, string value) =>
        string.Concat(Lines(csv).Select(line =>
        {
            string[] cells = line.Split(',');
            if (cells[0] == date)
                cells[column] = value;

            return string.Join(',', cells) + "\n";
        }));

    private static string SummarizeMonth(string month, string csv)
    {
        string[][] days = [.. Lines(csv).Skip(1).Select(line => line.Split(','))];
        return Invariant($"{month},{days.Length},{days.Sum(day => Number(day[1]))},{Mean(days, 2)},{Mean(days, 3)}");
    }

    private static string Mean(IEnumerable<string[]> rows, int column) =>
        decimal.Round(rows.Average(row => Number(row[column])), 1).ToString("0.0", CultureInfo.InvariantCulture);

    private static decimal Number(string cell) =>
        decimal.Parse(cell, NumberStyles.Number, CultureInfo.InvariantCulture);

    private static string[] Lines(string csv) => csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Table(string header, IEnumerable<string> lines)
    {
        var table = new StringBuilder(header).Append('\n');
        foreach (string line in lines)
            table.Append(line).Append('\n');

        return table.ToString();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
