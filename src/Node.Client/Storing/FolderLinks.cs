using System.Text;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Back-links beside a folder's files: a file per object, a transaction id per line.</summary>
/// <remarks>Not synced: they can be made again from the ledger, and a record must not wait for them.</remarks>
internal sealed class FolderLinks(string folder)
{
    // Far more than one content ever has; a file that is longer is somebody else's.
    private const int BytesMax = 1 << 20;

    /// <exception cref="StorageFailedException">The note cannot be written.</exception>
    public async Task AddAsync(string pointer, TxId record, CancellationToken cancellation)
    {
        string path = PathOf(pointer);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // One short append: two processes that note at once do not cut into each other's line.
            using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
            await file.WriteAsync(Encoding.ASCII.GetBytes(record.Value + "\n"), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("note a record", path, e.Message, e);
        }
    }

    /// <summary>What is no transaction id is passed over.</summary>
    public async Task<IReadOnlyList<TxId>> ReadAsync(string pointer, CancellationToken cancellation)
    {
        string path = PathOf(pointer);
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > BytesMax)
            return [];

        var records = new List<TxId>();
        foreach (string line in await File.ReadAllLinesAsync(path, cancellation).ConfigureAwait(false))
        {
            if (TxId.TryParse(line, out TxId id, out _))
                records.Add(id);
        }

        return records;
    }

    public void Remove(string pointer)
    {
        string path = PathOf(pointer);
        if (File.Exists(path))
            File.Delete(path);
    }

    private string PathOf(string pointer) => Path.Combine(folder, pointer);
}
