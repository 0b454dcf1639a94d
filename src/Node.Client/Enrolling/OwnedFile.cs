namespace Node.Client.Enrolling;

/// <summary>Writes files of identities: whole or not at all, synced, keys readable by their owner alone.</summary>
internal static class OwnedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Replaces what is there in one step.</summary>
    public static void Write(string path, string text, bool isPrivate)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        string next = path + ".next";
        File.Delete(next);   // Of a run that was cut short; perhaps with other permissions.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;

        using (var stream = new FileStream(next, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
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
