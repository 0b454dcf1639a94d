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
            Checksum found = await HashAsync(path, expected, cancellation).ConfigureAwait(false);
            return new ContentCheck(
                path, expected, found, found == expected ? ContentState.Intact : ContentState.Altered);
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

    /// <summary>Opens a file so that its last piece comes only after the whole has been verified.</summary>
    /// <exception cref="ContentMismatchException">
    /// The file is missing, or (while reading) is not what was stored.
    /// </exception>
    /// <exception cref="StorageFailedException">The file cannot be opened.</exception>
    public static Stream Open(string path, Checksum expected)
    {
        try
        {
            return new VerifyingStream(OpenForReading(path), path, expected);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentMismatchException(new ContentCheck(path, expected, null, ContentState.Missing));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open a stored file", path, e.Message, e);
        }
    }

    private static async Task<Checksum> HashAsync(string path, Checksum expected, CancellationToken cancellation)
    {
        using FileStream file = OpenForReading(path);
        using IncrementalHash hash = IncrementalHash.CreateHash(expected.Name);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await file.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
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
            FileOptions.Asynchronous | FileOptions.SequentialScan);
}
