using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Samples.Ml;

/// <summary>
/// What lies in a folder, as text: one line per file with its SHA-256, bytes and path, ordered by path.
/// </summary>
internal static class FileList
{
    /// <summary>Empty for a folder that is empty, or not there.</summary>
    public static string Of(string folder)
    {
        var list = new StringBuilder();
        foreach (string path in Paths(folder))
        {
            string file = Path.Combine(folder, path);
            list.Append(
                CultureInfo.InvariantCulture, $"{HashOf(file)}  {new FileInfo(file).Length}  {path}\n");
        }

        return list.ToString();
    }

    /// <summary>Relative, with slashes.</summary>
    public static IEnumerable<string> Paths(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public static string HashOf(string file)
    {
        using FileStream content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
