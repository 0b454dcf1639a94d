using System.Runtime.InteropServices;
using System.Text;

namespace Node.Protocol;

/// <summary>Makes files and names durable where the framework does not: it opens no folders.</summary>
/// <remarks>A name is durable only when the folder that holds it is: the file's own flush does not cover it.</remarks>
public static class FileSync
{
    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;   // Elsewhere a rename is made durable by the file system itself, and folders cannot be opened.

        Sync(folder);
    }

    /// <summary>Creates a folder and those above it, and makes their names durable.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;

        string? parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null)
            CreateFolder(parent);

        Directory.CreateDirectory(folder);
        if (parent is not null)
            SyncFolder(parent);
    }

    /// <summary>Makes a file or a folder durable, whoever wrote it. Not on Windows.</summary>
    /// <exception cref="IOException">It cannot be opened or synced.</exception>
    public static void Sync(string path)
    {
        int descriptor = NativeMethods.open(Encoding.UTF8.GetBytes(path + '\0'), NativeMethods.ReadOnly);
        if (descriptor < 0)
            throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");

        try
        {
            if (NativeMethods.fsync(descriptor) != 0 && !IsUnknownToShare(Marshal.GetLastPInvokeError()))
                throw new IOException($"{path} cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = NativeMethods.close(descriptor);
        }
    }

    // Some mounted shares (SSHFS, SMB) know no sync of folders; they write names through to the server at once.
    private static bool IsUnknownToShare(int error) =>
        error is NativeMethods.InvalidArgument or NativeMethods.NotSupported or NativeMethods.NotImplemented;

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
