using System.Diagnostics;
using System.Globalization;

namespace Node.EndToEnd;

/// <summary>
/// A file system of a few megabytes in memory, mounted over a folder and gone with the test. Needs root.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public static SmallDisk Mount(string folder, int mebibytes)
    {
        Assert.True(
            Environment.UserName == "root",
            "A small disk is mounted as root only. Run the tests as root, or in a container where you are.");
        string size = string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");
        Run("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder);
        return new SmallDisk(folder);
    }

    public long FreeBytes => new DriveInfo(_folder).AvailableFreeSpace;

    /// <summary>Takes everything but the given number of bytes; deleting the file gives it back.</summary>
    public string FillUpTo(long bytesLeft)
    {
        string path = Path.Combine(_folder, "filler");
        byte[] piece = new byte[1 << 16];
        using FileStream filler = File.Create(path);
        for (long left = FreeBytes - bytesLeft; left > 0; left -= piece.Length)
            filler.Write(piece.AsSpan(0, (int)Math.Min(left, piece.Length)));

        return path;
    }

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start");
        string fault = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {fault}");
    }
}
