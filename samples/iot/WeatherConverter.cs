using System.Globalization;
using System.Text;

namespace Samples.Iot;

/// <summary>
/// Writes samples/weather as station-years of the Global Surface Summary of the Day. The same bytes every time.
/// </summary>
/// <remarks>
/// The table has no hourly observations: the mean temperature is the middle of highest and lowest, and every count of
/// observations is 0. What the table does not have is missing.
/// </remarks>
internal static class WeatherConverter
{
    // Seattle-Tacoma International Airport.
    private const string Station = "727930";
    private const string Wban = "24233";

    private const string Heading =
        "STN--- WBAN   YEARMODA    TEMP       DEWP      SLP        STP       VISIB      "
        + "WDSP     MXSPD   GUST    MAX     MIN   PRCP   SNDP   FRSHTT";

    public static void Convert(string table, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var year in File.ReadLines(table).Skip(1).Where(line => line.Length > 0).GroupBy(line => line[..4]))
        {
            string days = string.Concat(year.Select(line => DayOf(line.Split(',')) + "\n"));
            string path = Path.Combine(folder, $"{Station}-{Wban}-{year.Key}.op");
            File.WriteAllText(path, Heading + "\n" + days, Encoding.ASCII);
        }
    }

    /// <param name="row">date, precipitation (mm), highest and lowest (°C), wind (m/s), weather.</param>
    private static string DayOf(string[] row)
    {
        decimal highest = Fahrenheit(Number(row[2]));
        decimal lowest = Fahrenheit(Number(row[3]));
        decimal wind = decimal.Round(Number(row[4]) * 3600 / 1852, 1);
        decimal precipitation = decimal.Round(Number(row[1]) / 25.4m, 2);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Station} {Wban}  {row[0].Replace("-", "", StringComparison.Ordinal)}  {(highest + lowest) / 2,6:F1}  0  "
            + $"9999.9  0  9999.9  0  9999.9  0  999.9  0  {wind,5:F1}  0  999.9  999.9  "
            + $"{highest,6:F1}  {lowest,6:F1}  {precipitation,5:F2}G 999.9  {Indicators(row[5])}");
    }

    /// <summary>Fog, rain or drizzle, snow, hail, thunder, tornado.</summary>
    private static string Indicators(string weather) => weather switch
    {
        "fog" => "100000",
        "rain" or "drizzle" => "010000",
        "snow" => "001000",
        _ => "000000",
    };

    private static decimal Fahrenheit(decimal celsius) => decimal.Round((celsius * 9 / 5) + 32, 1);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
