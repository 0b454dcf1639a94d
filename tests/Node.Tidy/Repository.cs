namespace Node.Tidy;

/// <summary>
/// The files of this repository as git tracks them, or as they lie in the work tree where git is absent.
/// </summary>
internal static class Repository
{
    private static readonly string[] s_skippedFolders = ["artifacts", "node_modules", ".git", "hyperprov-data"];

    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Files(string under, string pattern)
    {
        string folder = Path.Combine(Root, under);
        return !Directory.Exists(folder)
            ? []
            : Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
                .Where(path => !Path.GetRelativePath(Root, path).Split('/').Any(s_skippedFolders.Contains))
                .Order(StringComparer.Ordinal);
    }

    public static IEnumerable<string> Sources() =>
        Files("src", "*.cs").Concat(Files("bench", "*.cs")).Concat(Files("samples", "*.cs"));

    public static IEnumerable<string> Tests() => Files("tests", "*.cs");

    public static string Relative(string path) => Path.GetRelativePath(Root, path);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hyperprov.sln")))
                return folder.FullName;

        throw new InvalidOperationException("Hyperprov.sln was not found above " + AppContext.BaseDirectory);
    }
}
