using System.Globalization;
using System.Text;

namespace Node.Testing.Figures;

/// <summary>One line of a scrape.</summary>
/// <param name="Labels">Unescaped.</param>
public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>One metric of a scrape.</summary>
/// <param name="Type">counter, gauge or histogram.</param>
public sealed record ScrapedMetric(string Name, string Help, string Type, IReadOnlyList<Sample> Samples);

/// <summary>
/// Reads the Prometheus text format 0.0.4 as strictly as its description: what a server would refuse or misread is a
/// <see cref="FormatException"/>.
/// </summary>
public static class PrometheusText
{
    public static IReadOnlyDictionary<string, ScrapedMetric> Parse(string text)
    {
        if (text.Length > 0 && !text.EndsWith('\n'))
            throw new FormatException("the last line does not end");

        var metrics = new Dictionary<string, ScrapedMetric>(StringComparer.Ordinal);
        string help = "";
        ScrapedMetric? open = null;
        foreach (string line in text.Split('\n')[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                help = line["# HELP ".Length..];
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] parts = line["# TYPE ".Length..].Split(' ');
                Require(parts is [_, "counter" or "gauge" or "histogram"], line);
                Require(help.StartsWith(parts[0] + " ", StringComparison.Ordinal), line);
                string words = Unescape(help[(parts[0].Length + 1)..]);
                open = new ScrapedMetric(parts[0], words, parts[1], new List<Sample>());
                Require(metrics.TryAdd(parts[0], open), line);
            }
            else
            {
                Sample sample = ReadSample(line);
                Require(open is not null && Belongs(sample, open), line);
                ((List<Sample>)open!.Samples).Add(sample);
            }
        }

        foreach (ScrapedMetric metric in metrics.Values)
            CheckSeries(metric);

        return metrics;
    }

    private static bool Belongs(Sample sample, ScrapedMetric metric) => metric.Type == "histogram"
        ? sample.Name == metric.Name + "_sum" || sample.Name == metric.Name + "_count"
            || (sample.Name == metric.Name + "_bucket" && sample.Labels.ContainsKey("le"))
        : sample.Name == metric.Name;

    private static void CheckSeries(ScrapedMetric metric)
    {
        Require(metric.Samples.Count > 0, metric.Name);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Sample sample in metric.Samples)
            Require(seen.Add(sample.Name + KeyOf(sample, except: "")), $"{metric.Name} has a series twice");

        if (metric.Type != "histogram")
            return;

        foreach (IGrouping<string, Sample> series in metric.Samples.GroupBy(sample => KeyOf(sample, except: "le")))
        {
            Sample[] buckets = [.. series.Where(sample => sample.Labels.ContainsKey("le"))];
            double[] bounds = [.. buckets.Select(bucket => Number(bucket.Labels["le"]))];
            Require(bounds.SequenceEqual(bounds.Order()) && double.IsPositiveInfinity(bounds[^1]), metric.Name);
            Require(buckets.Select(bucket => bucket.Value).SequenceEqual(
                buckets.Select(bucket => bucket.Value).Order()), metric.Name);
            Require(series.Single(one => one.Name.EndsWith("_count", StringComparison.Ordinal)).Value
                == buckets[^1].Value, metric.Name);
            Require(series.Any(one => one.Name.EndsWith("_sum", StringComparison.Ordinal)), metric.Name);
        }
    }

    private static string KeyOf(Sample sample, string except) => string.Join(
        ',', sample.Labels.Where(label => label.Key != except).OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}"));

    private static Sample ReadSample(string line)
    {
        int at = 0;
        string name = ReadName(line, ref at);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (at < line.Length && line[at] == '{')
        {
            do
            {
                at++;
                string label = ReadName(line, ref at);
                Require(line[at] == '=' && line[at + 1] == '"', line);
                at += 2;
                Require(labels.TryAdd(label, ReadQuoted(line, ref at)), line);
            }
            while (line[at] == ',');

            Require(line[at] == '}', line);
            at++;
        }

        Require(at < line.Length && line[at] == ' ', line);
        return new Sample(name, labels, Number(line[(at + 1)..]));
    }

    private static string ReadName(string line, ref int at)
    {
        int start = at;
        while (at < line.Length && (char.IsAsciiLetterOrDigit(line[at]) || line[at] is '_' or ':'))
            at++;

        Require(at > start && !char.IsAsciiDigit(line[start]), line);
        return line[start..at];
    }

    private static string ReadQuoted(string line, ref int at)
    {
        int start = at;
        while (line[at] != '"')
            at += line[at] == '\\' ? 2 : 1;

        at++;
        return Unescape(line[start..(at - 1)]);
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (int index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                plain.Append(text[index]);
                continue;
            }

            index++;
            Require(index < text.Length && text[index] is '\\' or 'n' or '"', text);
            plain.Append(text[index] == 'n' ? '\n' : text[index]);
        }

        return plain.ToString();
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new FormatException($"not in the text format: {what}");
    }
}
