using Node.Client.Storing;

namespace Node.Client.Trees;

/// <summary>A file that a scan found.</summary>
/// <param name="Path">Relative to the folder, with slashes.</param>
/// <param name="FullPath">For the file system.</param>
/// <param name="LinkTarget">Of a symbolic link; else null.</param>
internal sealed record ScannedFile(string Path, string FullPath, FileStat Stat, string? LinkTarget);

/// <summary>Something in a folder that cannot be part of a tree.</summary>
public sealed record TreeFault(string Path, string Reason);

/// <summary>What lies in a folder, in the order of the paths.</summary>
/// <remarks>
/// Symbolic links are part of the tree as links and never followed, so that nothing outside comes in. Pipes, sockets
/// and devices, what cannot be looked at and names that are not UTF-8 are faults. Empty folders leave no trace, and
/// <c>.hyperprov</c> is a store's own.
/// </remarks>
internal sealed class TreeScan
{
    private readonly List<ScannedFile> _files = [];
    private readonly List<TreeFault> _faults = [];

    public IReadOnlyList<ScannedFile> Files => _files;

    public IReadOnlyList<TreeFault> Faults => _faults;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static TreeScan Of(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder {folder}. Check the name.");

        var scan = new TreeScan();
        scan.Add(folder, prefix: "", cancellation);
        scan._files.Sort((a, b) => TreeEntry.Compare(a.Path, b.Path));
        return scan;
    }

    private void Add(string folder, string prefix, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder))
                AddEntry(path, prefix + Path.GetFileName(path), cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _faults.Add(new TreeFault(prefix.TrimEnd('/'), $"the folder cannot be read: {e.Message}"));
        }
    }

    private void AddEntry(string path, string name, CancellationToken cancellation)
    {
        if (TreeEntry.FaultOf(name) is { } fault)
        {
            _faults.Add(new TreeFault(name, fault));
            return;
        }

        if (!FileStat.TryRead(path, out FileStat stat))
        {
            _faults.Add(new TreeFault(name, "it vanished, or may not be looked at"));
            return;
        }

        switch (stat.Kind)
        {
            case FileKind.Folder when Path.GetFileName(path) == PlainStore.OwnFolder:
                break;
            case FileKind.Folder:
                Add(path, name + "/", cancellation);
                break;
            case FileKind.Special:
                _faults.Add(new TreeFault(name, "it is a pipe, socket or device, not a file"));
                break;
            case FileKind.Link:
                _files.Add(new ScannedFile(name, path, stat, new FileInfo(path).LinkTarget ?? ""));
                break;
            default:
                _files.Add(new ScannedFile(name, path, stat, LinkTarget: null));
                break;
        }
    }
}
