namespace Node.Membership.Material;

/// <summary>Writes the files of generated material, and counts them. Nothing that exists is ever replaced.</summary>
internal sealed class KeyFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public int Written { get; private set; }

    public void WriteText(string path, string text) => Write(path, text, mode: null);

    /// <summary>Readable by its owner alone, from the moment it exists.</summary>
    public void WriteKey(string path, string pem) => Write(path, pem, OwnerOnly);

    private void Write(string path, string text, UnixFileMode? mode)
    {
        if (File.Exists(path))
            return;

        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is { } value && !OperatingSystem.IsWindows())
            options.UnixCreateMode = value;

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
        Written++;
    }
}
