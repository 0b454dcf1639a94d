using System.Buffers;
using System.Security.Cryptography;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Trees;

/// <summary>Hashes files of this machine as fast as they can be read.</summary>
internal static class FileHash
{
    private const int BufferBytes = 1 << 18;

    /// <exception cref="IOException">It cannot be read, or changed meanwhile.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Hash32 Of(ScannedFile file)
    {
        Hash32 checksum = Of(file.FullPath);
        if (!FileStat.TryRead(file.FullPath, out FileStat after) || after != file.Stat)
            throw new IOException("it changed while it was read");

        return checksum;
    }

    public static Hash32 Of(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);
        using IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long offset = 0;
            for (int read; (read = RandomAccess.Read(handle, buffer, offset)) > 0; offset += read)
                sha256.AppendData(buffer, 0, read);

            return Hash32.Finish(sha256);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
