using System.IO.Compression;
using System.Text;

namespace Samples.Iot;

/// <summary>One station's year: <c>STATION-WBAN-YEAR.op</c>, plain or gzipped.</summary>
internal sealed record GsodFile(string Path, string Station, int Year)
{
    private const string Heading = "STN---";

    /// <summary>The files of a folder by station, then year.</summary>
    public static List<GsodFile> Find(string folder)
    {
        List<GsodFile> files = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*.op*", SearchOption.AllDirectories))
        {
            string[] parts = System.IO.Path.GetFileName(path).Split('-', '.');
            bool isNamed = parts.Length is 4 or 5 && parts[3] == "op" && (parts.Length == 4 || parts[4] == "gz");
            if (isNamed && int.TryParse(parts[2], out int year))
                files.Add(new GsodFile(path, parts[0], year));
            else
                throw new SampleFault($"{path} is not named as a station's year, such as 010250-99999-1974.op");
        }

        return [.. files.OrderBy(file => file.Station, StringComparer.Ordinal).ThenBy(file => file.Year)];
    }

    /// <summary>The days, in order. A line that is none is named with file and number.</summary>
    public List<GsodLine> Read()
    {
        List<GsodLine> days = [];
        using var reader = new StreamReader(Open(), Encoding.ASCII);
        for (int number = 1; reader.ReadLine() is { } text; number++)
        {
            if (number == 1 && text.StartsWith(Heading, StringComparison.Ordinal))
                continue;
            if (!GsodLine.TryParse(text, out GsodLine? day, out string? fault))
                throw new SampleFault($"{Path}, line {number}: {fault}");
            if (day.Station != Station)
                throw new SampleFault($"{Path}, line {number}: it is of station {day.Station}");
            if (days.Count > 0 && string.CompareOrdinal(day.Date, days[^1].Date) <= 0)
                throw new SampleFault($"{Path}, line {number}: {day.Date} does not follow {days[^1].Date}");
            days.Add(day);
        }

        return days;
    }

    private Stream Open()
    {
        FileStream file = File.OpenRead(Path);
        return Path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
