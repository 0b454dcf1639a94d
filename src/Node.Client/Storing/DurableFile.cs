using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Files that are either there in full or not at all, whatever happens in between.</summary>
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
        FileSync.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
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

        FileSync.Sync(path);
        FileSync.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path))
            File.Delete(path);
    }
}
