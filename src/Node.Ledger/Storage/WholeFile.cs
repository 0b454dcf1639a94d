using Node.Protocol;

namespace Node.Ledger.Storage;

/// <summary>
/// Files beside a database that are there in full or not at all, also after a power cut: for nodes, which keep marks,
/// blocks and evidence in them.
/// </summary>
/// <remarks>Any thread; one at a time for one file, since the bytes wait in FILE.next.</remarks>
public static class WholeFile
{
    /// <summary>Replaces a file, its folder made where it is missing. Durable when it returns.</summary>
    /// <exception cref="IOException">The disk refuses; the former content is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;   // A file's path is never a root.
        FileSync.CreateFolder(folder);
        string next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        FileSync.SyncFolder(folder);
    }
}
