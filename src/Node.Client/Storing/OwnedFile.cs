using System.Text;

namespace Node.Client.Storing;

/// <summary>Writes small files whole or not at all, synced, and private ones readable by their owner alone.</summary>
public static class OwnedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte}, bool)"/>
    public static void Write(string path, string text, bool isPrivate) =>
        Write(path, Encoding.UTF8.GetBytes(text), isPrivate);

    /// <summary>Replaces what is there in one step. One writer of a path at a time.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, bool isPrivate)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        string next = path + ".next";
        File.Delete(next);   // Of a run that was cut short; perhaps with other permissions.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;

        using (var stream = new FileStream(next, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        DurableFile.MoveInto(next, path);
    }

    /// <summary>A folder that nobody else can look into.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerFolder);
    }
}
