using System.Globalization;
using System.Text;

namespace Node.Client.Exporting.RoCrates;

/// <summary>Gives records' content paths in a crate: like their keys where a file system and a URL allow it.</summary>
internal sealed class CratePaths
{
    private const string Root = "data";
    private const int SegmentCharsMax = 80;
    private const int SegmentsMax = 12;

    // Without case: so the crate can be unpacked on file systems that fold it.
    private readonly HashSet<string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _folders = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>Relative, below data/, unlike every path before, and no folder of one of them.</returns>
    public string PathOf(string key)
    {
        string[] segments =
        [
            .. key.Split('/', '\\').Where(segment => segment.Length > 0).Select(Safe).TakeLast(SegmentsMax)
                .DefaultIfEmpty("record"),
        ];
        string folder = Root;
        foreach (string segment in segments[..^1])
        {
            folder = Numbered($"{folder}/{segment}", path => _files.Contains(path));
            _folders.Add(folder);
        }

        string file = Numbered(
            $"{folder}/{segments[^1]}", path => _files.Contains(path) || _folders.Contains(path));
        _files.Add(file);
        return file;
    }

    private static string Numbered(string path, Func<string, bool> isTaken)
    {
        string candidate = path;
        for (int number = 2; isTaken(candidate); number++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{path}~{number}");

        return candidate;
    }

    private static string Safe(string segment)
    {
        var safe = new StringBuilder(segment.Length);
        foreach (char c in segment.Length > SegmentCharsMax ? segment[..SegmentCharsMax] : segment)
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_');

        // No "." and "..", and nothing hidden.
        if (safe[0] == '.')
            safe[0] = '_';

        return safe.ToString();
    }
}
