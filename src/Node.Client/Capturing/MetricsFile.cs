using System.Text.Json;

namespace Node.Client.Capturing;

/// <summary>
/// What a command measured: a JSON object of numbers, texts and flags, or lines of
/// <c>name value</c> or <c>name=value</c>.
/// </summary>
internal static class MetricsFile
{
    private const int BytesMax = 1 << 20;
    private static readonly char[] s_separators = ['=', ':', '\t', ' '];

    /// <summary>By name, values as text.</summary>
    /// <param name="fault">Null when it was read.</param>
    public static SortedDictionary<string, string> Read(string path, out string? fault)
    {
        var metrics = new SortedDictionary<string, string>(StringComparer.Ordinal);
        fault = null;
        if (!File.Exists(path))
            fault = $"the command wrote no {path}";
        else if (new FileInfo(path).Length > BytesMax)
            fault = $"{path} has more than {BytesMax} bytes";
        if (fault is not null)
            return metrics;

        string text = File.ReadAllText(path);
        fault = text.AsSpan().TrimStart().StartsWith("{")
            ? ReadJson(text, path, metrics)
            : ReadLines(text, path, metrics);
        return metrics;
    }

    private static string? ReadJson(string text, string path, SortedDictionary<string, string> metrics)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    return $"{path}: the member {member.Name} is no single value";
                metrics[member.Name] = member.Value.ToString();
            }

            return null;
        }
        catch (JsonException e)
        {
            return $"{path} is no JSON: {e.Message}";
        }
    }

    private static string? ReadLines(string text, string path, SortedDictionary<string, string> metrics)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#'))
                continue;

            int at = line.IndexOfAny(s_separators);
            if (at <= 0)
                return FormattableString.Invariant($"{path}, line {i + 1}: no name and value");
            metrics[line[..at]] = line[(at + 1)..].Trim();
        }

        return null;
    }
}
