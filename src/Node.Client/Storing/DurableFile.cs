using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Files that are either there in full or not at all, whatever happens in between.</summary>
/// <remarks>
/// Nodes have Node.Ledger's WholeFile for this. A client knows no ledger's storage, so the calls that sync a folder are
/// here once more.
/// </remarks>
public static class DurableFile
{
    /// <summary>Replaces a file's content; on disk when it returns.</summary>
    /// <exception cref="StorageFailedException">The old content is still there.</exception>
    public static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        // A name of its own: several may replace it at once, and the last one stays.
        string next = path + "." + RandomNumberGenerator.GetHexString(8, lowercase: true) + ".next";
        try
        {
            using (FileStream file = new(next, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(content, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            MoveInto(next, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("replace a file", path, e.Message, e);
        }
        finally
        {
            DeleteIfThere(next);
        }
    }

    /// <summary>
    /// Copies to a new file that comes into being, on disk, only when the source has been read to its end.
    /// </summary>
    /// <exception cref="StorageFailedException">There is no new file.</exception>
    public static async Task CreateAsync(string path, Stream source, CancellationToken cancellation)
    {
        string next = path + ".part";
        try
        {
            using (FileStream file = new(next, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await source.CopyToAsync(file, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            MoveInto(next, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write a file", path, e.Message, e);
        }
        finally
        {
            DeleteIfThere(next);
        }
    }

    /// <summary>Renames a file that is on disk already, and makes the new name durable.</summary>
    public static void MoveInto(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Creates a folder and those above it, and makes their names durable.</summary>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;

        string? parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null)
            CreateFolder(parent);

        Directory.CreateDirectory(folder);
        if (parent is not null)
            FlushFolder(parent);
    }

    /// <summary>Makes a file that somebody else wrote durable, and its name.</summary>
    /// <exception cref="IOException">It cannot be opened or synced.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            file.Flush(flushToDisk: true);
            return;
        }

        Sync(path);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path))
            File.Delete(path);
    }

    // A name is durable only when the folder that holds it is: the file's own flush does not cover it.
    internal static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;   // Elsewhere a rename is made durable by the file system itself, and folders cannot be opened.

        Sync(folder);
    }

    private static void Sync(string path)
    {
        int descriptor = NativeMethods.open(Encoding.UTF8.GetBytes(path + '\0'), NativeMethods.ReadOnly);
        if (descriptor < 0)
            throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");

        try
        {
            if (NativeMethods.fsync(descriptor) != 0 && !IsRefusedByShare(Marshal.GetLastPInvokeError()))
                throw new IOException($"{path} cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = NativeMethods.close(descriptor);
        }
    }

    // Some mounted shares (SSHFS, SMB) know no sync of folders; they write names through to the server at once.
    private static bool IsRefusedByShare(int error) =>
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
