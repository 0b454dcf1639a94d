using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>A folder that pointers are relative to and never lead out of.</summary>
internal sealed class FolderRoot
{
    private readonly string _prefix;   // The folder with a separator at its end.

    public FolderRoot(string folder)
    {
        Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Location = new Uri(Folder).AbsoluteUri;
        _prefix = Path.EndsInDirectorySeparator(Folder) ? Folder : Folder + Path.DirectorySeparatorChar;
    }

    /// <summary>Absolute, without a separator at its end.</summary>
    public string Folder { get; }

    public string Location { get; }

    /// <summary>The path of a pointer, by its text alone.</summary>
    public bool TryResolve(
        string pointer, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out string? fault)
    {
        path = null;
        fault = FaultOf(pointer);
        if (fault is not null)
            return false;

        path = Path.Combine(Folder, pointer);
        return true;
    }

    /// <inheritdoc cref="IContentStore.Covers"/>
    public bool Covers(string location, string pointer, out string own)
    {
        own = "";
        if (FaultOf(pointer) is not null || !TryPathOf(location, out string? folder))
            return false;

        string path = Path.Combine(folder, pointer);
        if (!path.StartsWith(_prefix, StringComparison.Ordinal))
            return false;

        own = path[_prefix.Length..];
        return FaultOf(own) is null;
    }

    /// <exception cref="ContentMissingException">There is no such file.</exception>
    /// <exception cref="LocationRefusedException">A symbolic link on the way leads out of the folder.</exception>
    /// <exception cref="StorageFailedException">It is there and cannot be read.</exception>
    public Task<Stream> OpenAsync(string pointer)
    {
        if (!TryResolve(pointer, out string? path, out string? fault))
            throw new LocationRefusedException(Location, pointer, fault);

        try
        {
            RequireInside(path, pointer);
            return Task.FromResult<Stream>(new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentMissingException(Location, pointer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open a stored file", path, e.Message, e);
        }
    }

    /// <summary>The files below one folder of the root, in no order; none when there is no such folder.</summary>
    public IEnumerable<StoredObject> List(string subfolder)
    {
        var folder = new DirectoryInfo(Path.Combine(Folder, subfolder));
        if (!folder.Exists)
            yield break;

        var everything = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
        };
        foreach (FileInfo file in folder.EnumerateFiles("*", everything))
        {
            // One that is renamed or removed meanwhile has no length any more.
            if (FileStat.TryRead(file.FullName, out FileStat stat) && stat.Kind == FileKind.Regular)
            {
                string pointer = file.FullName[_prefix.Length..].Replace('\\', '/');
                yield return new StoredObject(pointer, stat.Bytes, stat.LastWrite)
                {
                    Checksum = ContentAddress.TryParse(pointer, out Hash32 checksum) ? checksum : null,
                };
            }
        }
    }

    public void Delete(string pointer)
    {
        if (!TryResolve(pointer, out string? path, out string? fault))
            throw new StorageFailedException("delete a file", Folder, fault, inner: null);

        try
        {
            RequireInside(Path.GetDirectoryName(path)!, pointer);
            File.Delete(path);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // Gone already, and its folder with it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("delete a file", path, e.Message, e);
        }
    }

    private void RequireInside(string path, string pointer)
    {
        string real = FileStat.RealPath(path);
        string root = FileStat.RealPath(Folder);
        string rootPrefix = Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar;
        if (real != root && !real.StartsWith(rootPrefix, StringComparison.Ordinal))
            throw new LocationRefusedException(
                Location, pointer, $"a symbolic link on the way leads to {real}, out of {Folder}");

        if (FileStat.TryRead(real, out FileStat stat) && stat.Kind == FileKind.Special)
            throw new LocationRefusedException(Location, pointer, "it is a pipe, socket or device, not a file");
    }

    private static bool TryPathOf(string location, [NotNullWhen(true)] out string? folder)
    {
        folder = null;
        if (!Uri.TryCreate(location, UriKind.Absolute, out Uri? uri) || !uri.IsFile || uri.IsUnc)
            return false;

        string path = uri.LocalPath;
        if (path.Contains('\0') || !Path.IsPathFullyQualified(path))
            return false;

        folder = Path.GetFullPath(path);
        return true;
    }

    private static string? FaultOf(string pointer)
    {
        if (pointer.Length == 0 || pointer.Contains('\0') || Path.IsPathRooted(pointer))
            return "the pointer is no relative path";

        foreach (string part in pointer.Split('/', '\\'))
        {
            if (part is "" or "." or "..")
                return "the pointer has an empty part, . or .. in it";
        }

        return null;
    }
}
