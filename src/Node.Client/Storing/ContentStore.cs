using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>A folder of files named by the SHA-256 of their content: <c>sha256/ab/cdef…</c>.</summary>
/// <remarks>
/// Any number of processes may add at once: equal content meets under one name, and a name is only ever given to a
/// complete file. Unfinished files lie in <c>incoming/</c> and are removed by the next one that adds, once the process
/// is gone.
/// </remarks>
public sealed class ContentStore
{
    private const int BufferBytes = 1 << 17;
    private const int PrefixChars = 2;

    private readonly string _incoming;

    /// <param name="folder">Created with the first file.</param>
    public ContentStore(string folder)
    {
        Folder = Path.GetFullPath(folder);
        _incoming = Path.Combine(Folder, "incoming");
    }

    public string Folder { get; }

    /// <summary>
    /// Where content with this checksum lies, relative to <see cref="Folder"/>, whether it is there or not.
    /// </summary>
    public static string PointerOf(Hash32 checksum)
    {
        string hex = checksum.ToString();
        return $"sha256/{hex[..PrefixChars]}/{hex[PrefixChars..]}";
    }

    /// <summary>Where content with this checksum lies, whether it is there or not.</summary>
    public string PathOf(Hash32 checksum) => Path.Combine(Folder, PointerOf(checksum));

    /// <summary>Hashes while it writes. On disk, under its final name, when it returns.</summary>
    /// <exception cref="StorageFailedException">The store cannot be written; nothing was added.</exception>
    /// <exception cref="IOException"><paramref name="content"/> cannot be read; nothing was added.</exception>
    public async Task<StoredContent> AddAsync(Stream content, CancellationToken cancellation)
    {
        FileStream file = OpenIncoming();
        try
        {
            (Hash32 checksum, long bytes) = await CopyAsync(content, file, cancellation).ConfigureAwait(false);
            return await FinishAsync(file, checksum, bytes).ConfigureAwait(false);
        }
        finally
        {
            await file.DisposeAsync().ConfigureAwait(false);
            File.Delete(file.Name);   // Renamed already when all went well: then there is nothing to delete.
        }
    }

    private FileStream OpenIncoming()
    {
        try
        {
            DurableFile.CreateFolder(_incoming);
            RemoveAbandoned();
            string name = $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-" +
                RandomNumberGenerator.GetHexString(16, lowercase: true);
            return new FileStream(
                Path.Combine(_incoming, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0,
                FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("add a file", Folder, e.Message, e);
        }
    }

    // A file of a process that is gone was never finished: nothing refers to it.
    private void RemoveAbandoned()
    {
        foreach (string path in Directory.EnumerateFiles(_incoming))
        {
            string owner = Path.GetFileName(path).Split('-')[0];
            if (OperatingSystem.IsLinux() && !Directory.Exists($"/proc/{owner}"))
                File.Delete(path);
        }
    }

    private async Task<StoredContent> FinishAsync(FileStream file, Hash32 checksum, long bytes)
    {
        string path = PathOf(checksum);
        try
        {
            file.Flush(flushToDisk: true);
            await file.DisposeAsync().ConfigureAwait(false);
            DurableFile.CreateFolder(Path.GetDirectoryName(path)!);

            // Also when a file of that name exists: it may have been altered since, and this one has just been hashed.
            DurableFile.MoveInto(file.Name, path);
            return new StoredContent(checksum, bytes, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("add a file", Folder, e.Message, e);
        }
    }

    private static async Task<(Hash32 Checksum, long Bytes)> CopyAsync(
        Stream source, Stream destination, CancellationToken cancellation)
    {
        using IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long total = 0;
            for (int read; (read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                total += read;
                sha256.AppendData(buffer, 0, read);
                await WriteAsync(destination, buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }

            return (Hash32.Finish(sha256), total);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A source that cannot be read and a store that cannot be written are different troubles for the caller.
    private static async Task WriteAsync(Stream destination, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await destination.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new StorageFailedException(
                "add a file", (destination as FileStream)?.Name ?? "the store", e.Message, e);
        }
    }
}
