using System.Buffers;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Holds files against checksums.</summary>
public static class ContentVerification
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Reads the whole file and compares.</summary>
    /// <exception cref="StorageFailedException">The file exists and cannot be read.</exception>
    public static async Task<ContentCheck> CheckAsync(string path, Checksum expected, CancellationToken cancellation)
    {
        try
        {
            using FileStream file = OpenForReading(path);
            return await CheckAsync(file, path, expected, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ContentCheck(path, expected, null, ContentState.Missing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("read a stored file", path, e.Message, e);
        }
    }

    /// <summary>Reads all of a stored content and compares.</summary>
    /// <param name="place">For messages: where it lies.</param>
    /// <exception cref="StorageFailedException">It cannot be read to its end.</exception>
    internal static async Task<ContentCheck> CheckAsync(
        Stream stored, string place, Checksum expected, CancellationToken cancellation)
    {
        try
        {
            Checksum found = await HashAsync(stored, expected, cancellation).ConfigureAwait(false);
            return new ContentCheck(
                place, expected, found, found == expected ? ContentState.Intact : ContentState.Altered);
        }
        catch (IOException e)
        {
            throw new StorageFailedException("read a stored file", place, e.Message, e);
        }
    }

    private static async Task<Checksum> HashAsync(Stream stored, Checksum expected, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(expected.Name);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await stored.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                hash.AppendData(buffer, 0, read);

            return expected.Finish(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileStream OpenForReading(string path) =>
        new(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, 0,
            FileOptions.SequentialScan);
}
