using System.Text;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Trees;

/// <summary>
/// Which folder of this machine was recorded under which key, so that it can be verified by its name alone.
/// </summary>
/// <remarks>
/// A file for each folder, <c>trees/HASH</c> in the network's folder: the path, a line feed, the key. A convenience:
/// what it says is not trusted, it only chooses which records a folder is held against, and the report names them.
/// </remarks>
public sealed class TreeMarks(string networkFolder)
{
    private const int BytesMax = 1 << 17;

    private readonly string _folder = Path.Combine(networkFolder, "trees");

    /// <param name="folder">Absolute.</param>
    public async Task RememberAsync(string folder, string key, CancellationToken cancellation)
    {
        FileSync.CreateFolder(_folder);
        await DurableFile.ReplaceAsync(
            PathOf(folder), Encoding.UTF8.GetBytes($"{folder}\n{key}"), cancellation).ConfigureAwait(false);
    }

    /// <summary>The key of a folder or of the nearest one above it; null when none was recorded from here.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="part">What lies between the recorded folder and this one; empty when they are the same.</param>
    public string? Find(string folder, out string part)
    {
        part = "";
        for (string? at = Path.TrimEndingDirectorySeparator(folder); at is not null; at = Path.GetDirectoryName(at))
        {
            if (ReadKey(at) is not { } key)
                continue;

            part = at.Length == folder.Length ? "" : Path.GetRelativePath(at, folder).Replace('\\', '/');
            return key;
        }

        return null;
    }

    private string? ReadKey(string folder)
    {
        var file = new FileInfo(PathOf(folder));
        if (!file.Exists || file.Length > BytesMax)
            return null;

        string[] lines = File.ReadAllText(file.FullName).Split('\n', 2);
        return lines.Length == 2 && lines[0] == folder ? lines[1] : null;
    }

    private string PathOf(string folder) =>
        Path.Combine(_folder, Hash32.Of(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(folder))).ToString());
}
