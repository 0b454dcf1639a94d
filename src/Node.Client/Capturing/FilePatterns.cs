using System.IO.Enumeration;

namespace Node.Client.Capturing;

/// <summary>
/// Finds the files that patterns mean: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders.
/// </summary>
/// <remarks>
/// Hidden folders such as <c>.git</c> are entered only when a pattern names them. Links are not followed.
/// </remarks>
internal static class FilePatterns
{
    private const string AnyDepth = "**";

    /// <summary>Paths relative to the folder, with slashes, ordinal, each once.</summary>
    /// <exception cref="CaptureRefusedException">A pattern leaves the folder, or too many files match.</exception>
    public static List<string> Find(string folder, IReadOnlyList<string> patterns, int filesMax)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string pattern in patterns)
        {
            string relative = RelativeOf(folder, pattern);
            Collect(folder, "", relative.Split('/', StringSplitOptions.RemoveEmptyEntries), found);
            if (found.Count > filesMax)
                throw new CaptureRefusedException(
                    $"The patterns match more than {filesMax} files. Name fewer, or record a folder with: "
                    + "hyperprov put FOLDER.");
        }

        return [.. found];
    }

    private static string RelativeOf(string folder, string pattern)
    {
        string relative = Path.IsPathRooted(pattern) ? Path.GetRelativePath(folder, pattern) : pattern;
        relative = relative.Replace('\\', '/').TrimEnd('/');
        if (relative.StartsWith("./", StringComparison.Ordinal))
            relative = relative[2..];
        return relative.Split('/').Contains("..")
            ? throw new CaptureRefusedException(
                $"The pattern \"{pattern}\" leaves the folder {folder}. Run from a folder that holds all files.")
            : relative;
    }

    private static void Collect(string root, string prefix, string[] segments, SortedSet<string> found)
    {
        string folder = Path.Combine(root, prefix);
        if (segments.Length == 0)
            segments = [AnyDepth];   // A folder means everything in it.
        if (!Directory.Exists(folder))
            return;

        string name = segments[0];
        if (name == AnyDepth)
        {
            Collect(root, prefix, segments.Length == 1 ? ["*"] : segments[1..], found);
            foreach (string sub in Folders(folder, isHiddenIncluded: false))
                Collect(root, Join(prefix, sub), segments, found);
            return;
        }

        foreach (string sub in Folders(folder, isHiddenIncluded: name.StartsWith('.')))
        {
            if (segments.Length > 1 ? Matches(name, sub) : name == sub)
                Collect(root, Join(prefix, sub), segments[1..], found);
        }

        if (segments.Length > 1)
            return;

        foreach (string file in Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)))
        {
            if (Matches(name, file))
                found.Add(Join(prefix, file));
        }
    }

    private static IEnumerable<string> Folders(string folder, bool isHiddenIncluded) =>
        new DirectoryInfo(folder).EnumerateDirectories()
            .Where(sub => sub.LinkTarget is null && (isHiddenIncluded || !sub.Name.StartsWith('.')))
            .Select(sub => sub.Name);

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}/{name}";
}
