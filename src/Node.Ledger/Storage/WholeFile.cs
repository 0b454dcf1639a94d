using System.Runtime.InteropServices;
using System.Text;

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
        CreateFolder(folder);
        string next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        SyncFolder(folder);
    }

    /// <summary>Makes the names in a folder durable: syncing a file does not cover the name it was given.</summary>
    /// <exception cref="IOException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;   // Elsewhere a rename is made durable by the file system itself, and folders cannot be opened.

        int descriptor = NativeMethods.open(Encoding.UTF8.GetBytes(folder + '\0'), NativeMethods.ReadOnly);
        if (descriptor < 0)
            throw new IOException($"{folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");

        try
        {
            if (NativeMethods.fsync(descriptor) != 0 && !IsUnknownToShare(Marshal.GetLastPInvokeError()))
                throw new IOException($"{folder} cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = NativeMethods.close(descriptor);
        }
    }

    // Those above it as well, each with its name made durable.
    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;

        string above = Path.GetDirectoryName(folder)!;   // A root is always there.
        CreateFolder(above);
        Directory.CreateDirectory(folder);
        SyncFolder(above);
    }

    // Some mounted shares know no sync of folders; they write names through to their server at once.
    private static bool IsUnknownToShare(int error) =>
        error is NativeMethods.InvalidArgument or NativeMethods.NotSupported or NativeMethods.NotImplemented;

    /// <summary>The framework opens no folders, so the three calls that sync one are made here.</summary>
    private static class NativeMethods
    {
        public const int ReadOnly = 0;
        public const int InvalidArgument = 22;   // EINVAL
        public const int NotImplemented = 38;    // ENOSYS
        public const int NotSupported = 95;      // EOPNOTSUPP

        [DllImport("libc", SetLastError = true)]
        public static extern int open(byte[] path, int flags);

        [DllImport("libc", SetLastError = true)]
        public static extern int fsync(int descriptor);

        [DllImport("libc", SetLastError = true)]
        public static extern int close(int descriptor);
    }
}
