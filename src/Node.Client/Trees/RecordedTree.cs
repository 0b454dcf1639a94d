using System.Collections.Concurrent;
using System.Text;
using Node.Client.Recording;
using Node.Client.Storing;

namespace Node.Client.Trees;

/// <summary>
/// A tree as a record names it: its list of files, verified, and its contents. Immutable, any thread.
/// </summary>
public sealed class RecordedTree
{
    private const int FilesAtOnce = 8;

    private readonly ProvenanceClient _client;

    private RecordedTree(ProvenanceClient client, ProvenanceRecord record, TreeManifest manifest) =>
        (_client, Record, Manifest) = (client, record, manifest);

    public ProvenanceRecord Record { get; }

    public TreeManifest Manifest { get; }

    /// <summary>Whether a record is one of a tree.</summary>
    public static bool Is(ProvenanceRecord record) => record.Type == TreeHead.RecordType;

    /// <summary>Reads head and list, each held against its checksum.</summary>
    /// <exception cref="MalformedTreeException">The record is not one of a tree.</exception>
    /// <exception cref="ContentMismatchException">Head or list are missing or altered.</exception>
    public static async Task<RecordedTree> OpenAsync(
        ProvenanceClient client, ProvenanceRecord record, CancellationToken cancellation)
    {
        TreeHead head = await OpenHeadAsync(client, record, cancellation).ConfigureAwait(false);
        Stream list = await client.Stores.OpenAsync(
            record.Location, ContentAddress.PointerOf(head.List), Checksum.Of(head.List), cancellation)
            .ConfigureAwait(false);
        byte[] bytes = await ReadAsync(list, TreeManifest.ListBytesMax, record.Key, cancellation).ConfigureAwait(false);
        return TreeManifest.TryParse(head, bytes, out TreeManifest? manifest, out string? fault)
            ? new RecordedTree(client, record, manifest)
            : throw new MalformedTreeException(record.Key, fault);
    }

    /// <summary>Reads the head alone.</summary>
    /// <inheritdoc cref="OpenAsync(ProvenanceClient, ProvenanceRecord, CancellationToken)"/>
    internal static async Task<TreeHead> OpenHeadAsync(
        ProvenanceClient client, ProvenanceRecord record, CancellationToken cancellation)
    {
        Stream stored = await client.OpenAsync(record, cancellation).ConfigureAwait(false);
        byte[] bytes = await ReadAsync(stored, TreeHead.BytesMax, record.Key, cancellation).ConfigureAwait(false);
        return TreeHead.TryParse(bytes, out TreeHead? head, out string? fault)
            ? head
            : throw new MalformedTreeException(record.Key, fault);
    }

    /// <summary>The entry of a path; null when the tree has no such file.</summary>
    public TreeEntry? Find(string path) => Manifest.Entries.FirstOrDefault(entry => entry.Path == path);

    /// <summary>A file's content, whose last piece comes only after the whole has been verified.</summary>
    /// <exception cref="ContentMismatchException">It is missing or altered.</exception>
    public Task<Stream> OpenAsync(TreeEntry entry, CancellationToken cancellation) => _client.Stores.OpenAsync(
        Record.Location, ContentAddress.PointerOf(entry.Checksum), Checksum.Of(entry.Checksum), cancellation);

    /// <summary>Reads every stored file and returns those that are missing or altered.</summary>
    internal async Task<IReadOnlyList<ContentCheck>> CheckAsync(CancellationToken cancellation)
    {
        var broken = new ConcurrentQueue<ContentCheck>();
        await Parallel.ForEachAsync(
            Manifest.Entries.DistinctBy(entry => entry.Checksum),
            new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation },
            async (entry, stop) =>
            {
                ContentCheck check = await _client.Stores.CheckAsync(
                    Record.Location, ContentAddress.PointerOf(entry.Checksum), Checksum.Of(entry.Checksum), stop)
                    .ConfigureAwait(false);
                if (check.State != ContentState.Intact)
                    broken.Enqueue(check);
            }).ConfigureAwait(false);
        return [.. broken.OrderBy(check => check.Path, StringComparer.Ordinal)];
    }

    /// <summary>Writes all files, each verified, into a folder that does not exist or is empty.</summary>
    /// <exception cref="IOException">There is something in the folder, or it cannot be written.</exception>
    /// <exception cref="ContentMismatchException">
    /// A file is missing or altered; others may have been written.
    /// </exception>
    public async Task RestoreAsync(string folder, IProgress<TreeProgress>? progress, CancellationToken cancellation)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new IOException($"{folder} is not empty. Name a new folder: nothing there is overwritten.");

        int done = 0;
        long bytes = 0;
        Directory.CreateDirectory(folder);
        TreeEntry[] files = [.. Manifest.Entries.Where(entry => entry.Kind == TreeEntryKind.File)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(files, options, async (entry, stop) =>
        {
            string path = Path.Combine(folder, entry.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Stream content = await OpenAsync(entry, stop).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await DurableFile.CreateAsync(path, content, stop).ConfigureAwait(false);

            progress?.Report(new TreeProgress(
                Interlocked.Increment(ref done), files.Length, Interlocked.Add(ref bytes, entry.Bytes),
                Manifest.Head.Bytes));
        }).ConfigureAwait(false);

        // Last, so that no file is written through one of them.
        foreach (TreeEntry link in Manifest.Entries.Where(entry => entry.Kind == TreeEntryKind.Link))
        {
            Stream content = await OpenAsync(link, cancellation).ConfigureAwait(false);
            byte[] target = await ReadAsync(content, TreeHead.BytesMax << 2, link.Path, cancellation)
                .ConfigureAwait(false);
            string path = Path.Combine(folder, link.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, Encoding.UTF8.GetString(target));
        }
    }

    private static async Task<byte[]> ReadAsync(
        Stream stored, int bytesMax, string name, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await using (stored.ConfigureAwait(false))
        {
            byte[] buffer = new byte[Math.Min(bytesMax + 1, 1 << 16)];
            for (int read; (read = await stored.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > bytesMax)
                    throw new MalformedTreeException(name, $"it has more than {bytesMax} bytes");
            }
        }

        return bytes.ToArray();
    }
}
