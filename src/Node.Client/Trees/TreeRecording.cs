using System.Collections.Concurrent;
using System.Text;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Node.Protocol;

namespace Node.Client.Trees;

/// <summary>How far a folder is, for people who wait.</summary>
public readonly record struct TreeProgress(int Files, int FilesAll, long Bytes, long BytesAll);

/// <summary>A folder that is recorded.</summary>
/// <param name="Record">Of the tree; null when each file has a record of its own.</param>
/// <param name="LinksLeftOut">Symbolic links, which have no record of their own.</param>
public sealed record TreeResult(
    string Key, PutResult? Record, TreeHead? Head, int Files, long Bytes, IReadOnlyList<string> LinksLeftOut);

/// <summary>Stores and records folders: as one record of a tree, or as one record for each file.</summary>
/// <remarks>
/// First everything is looked at, then everything is stored, several files at once, and then the ledger is written: a
/// file that cannot be read, or changes meanwhile, ends it before there is a record. Any thread.
/// </remarks>
public sealed class TreeRecording(ProvenanceClient client)
{
    private const int FilesAtOnce = 8;
    private const int RecordsAtOnce = 500;   // What one transaction holds.

    private static AddOptions NoFile { get; } = new() { Name = "" };

    /// <summary>One record, of type Tree, for the whole folder.</summary>
    /// <param name="options">
    /// Without recipients: the list of a tree names files by their checksums, which would tell of encrypted content.
    /// </param>
    /// <exception cref="TreeRefusedException">
    /// Something in the folder cannot be recorded; each thing with why.
    /// </exception>
    /// <inheritdoc cref="ProvenanceClient.PutAsync"/>
    public async Task<TreeResult> PutAsync(
        string folder, string key, PutOptions options, IProgress<TreeProgress>? progress,
        CancellationToken cancellation)
    {
        if (options.EncryptFor.Count > 0)
            throw new ArgumentException("A tree is not encrypted; encrypt each file of a folder.", nameof(options));

        IReadOnlyList<ScannedFile> files = Scan(folder, cancellation);
        if (files.Count > TreeHead.EntriesMax)
            throw new TreeRefusedException(
                folder,
                [new TreeFault(".", $"it has {files.Count} files, one tree has at most {TreeHead.EntriesMax}")]);

        await client.ResolveAsync(options.DependsOn, cancellation).ConfigureAwait(false);   // Wrong names first.
        StoredContent[] stored = await StoreAllAsync(
            new Job(folder, key, [], Watch(files, progress)), files, 0, files.Count, cancellation)
            .ConfigureAwait(false);
        TreeManifest manifest = TreeManifest.Of(files.Select((file, index) => EntryOf(file, stored[index])));
        StoredContent list = await client.Stores.Default.AddAsync(
            new MemoryStream(manifest.List.ToArray()), NoFile, cancellation)
            .ConfigureAwait(false);
        PutOptions typed = options with
        {
            Type = options.Type ?? TreeHead.RecordType,
            Adding = NoFile,
        };
        PutResult result = await client.PutAsync(
            key, new MemoryStream(manifest.Head.ToBytes()), typed, cancellation).ConfigureAwait(false);
        await LinkAllAsync(
            [.. stored.Append(list).DistinctBy(one => one.Pointer).Select(one => (one.Pointer, result.TransactionId))],
            cancellation).ConfigureAwait(false);
        return new TreeResult(key, result, manifest.Head, files.Count, manifest.Head.Bytes, []);
    }

    /// <summary>One record for each file, its key the given one, a slash, and the file's path.</summary>
    /// <exception cref="PartlyRecordedException">It failed after some transactions were committed.</exception>
    /// <inheritdoc cref="PutAsync"/>
    public async Task<TreeResult> PutEachAsync(
        string folder, string key, PutOptions options, IProgress<TreeProgress>? progress,
        CancellationToken cancellation)
    {
        IReadOnlyList<ScannedFile> found = Scan(folder, cancellation);
        ScannedFile[] files = [.. found.Where(file => file.LinkTarget is null)];
        TxId[] parents = await client.ResolveAsync(options.DependsOn, cancellation).ConfigureAwait(false);
        var job = new Job(folder, key, options.EncryptFor, Watch(files, progress));
        Task recording = Task.CompletedTask;
        try
        {
            for (int start = 0; start < files.Length; start += RecordsAtOnce)
            {
                int count = Math.Min(RecordsAtOnce, files.Length - start);
                StoredContent[] stored = await StoreAllAsync(job, files, start, count, cancellation)
                    .ConfigureAwait(false);
                RecordDraft[] drafts =
                    [.. stored.Select((one, index) => DraftOf(key, files[start + index], one, options, parents))];

                // While these are ordered and committed, the next files are stored.
                await recording.ConfigureAwait(false);
                recording = RecordAsync(drafts, stored, cancellation);
            }
        }
        finally
        {
            await recording.ConfigureAwait(false);
        }

        return new TreeResult(
            key, Record: null, Head: null, files.Length, files.Sum(file => file.Stat.Bytes),
            [.. found.Where(file => file.LinkTarget is not null).Select(file => file.Path)]);
    }

    /// <summary>The key of one file's own record.</summary>
    public static string KeyOf(string key, string path) => key.EndsWith('/') ? key + path : $"{key}/{path}";

    private static IReadOnlyList<ScannedFile> Scan(string folder, CancellationToken cancellation)
    {
        TreeScan scan = TreeScan.Of(folder, cancellation);
        return scan.Faults.Count == 0 ? scan.Files : throw new TreeRefusedException(folder, scan.Faults);
    }

    private async Task<StoredContent[]> StoreAllAsync(
        Job job, IReadOnlyList<ScannedFile> files, int start, int count, CancellationToken cancellation)
    {
        var stored = new StoredContent[count];
        var faults = new ConcurrentQueue<TreeFault>();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FilesAtOnce,
            CancellationToken = cancellation,
        };
        await Parallel.ForAsync(0, count, options, async (index, stop) =>
        {
            ScannedFile file = files[start + index];
            try
            {
                if (faults.IsEmpty)
                    stored[index] = await StoreAsync(job.Key, file, job.Recipients, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                faults.Enqueue(new TreeFault(file.Path, $"it cannot be read: {e.Message}"));
            }

            job.Watch(file.Stat.Bytes);
        }).ConfigureAwait(false);
        return faults.IsEmpty
            ? stored
            : throw new TreeRefusedException(
                job.Folder, [.. faults.OrderBy(fault => fault.Path, StringComparer.Ordinal)]);
    }

    private async Task<StoredContent> StoreAsync(
        string key, ScannedFile file, IReadOnlyList<RecipientKey> recipients, CancellationToken cancellation)
    {
        if (file.LinkTarget is { } target)
            return await client.Stores.Default.AddAsync(
                new MemoryStream(Encoding.UTF8.GetBytes(target)), NoFile, cancellation)
                .ConfigureAwait(false);

        FileStream content = new(
            file.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        await using (content.ConfigureAwait(false))
        {
            var adding = new AddOptions { Name = KeyOf(key, file.Path), SourcePath = file.FullPath };
            StoredContent stored = await client.StoreAsync(content, adding, recipients, cancellation)
                .ConfigureAwait(false);
            if (!FileStat.TryRead(file.FullPath, out FileStat after) || after != file.Stat)
                throw new IOException("it changed while it was read");

            return stored;
        }
    }

    private async Task RecordAsync(
        IReadOnlyList<RecordDraft> drafts, StoredContent[] stored, CancellationToken cancellation)
    {
        IReadOnlyList<Recorded> recorded = await client.RecordBatchAsync(drafts, cancellation).ConfigureAwait(false);
        await LinkAllAsync([.. recorded.Select((one, index) => (stored[index].Pointer, one.Id))], cancellation)
            .ConfigureAwait(false);
    }

    private Task LinkAllAsync(IReadOnlyList<(string Pointer, TxId Record)> links, CancellationToken cancellation) =>
        Parallel.ForAsync(
            0, links.Count,
            new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation },
            async (index, stop) =>
                await client.LinkAsync(links[index].Pointer, links[index].Record, stop).ConfigureAwait(false));

    private static TreeEntry EntryOf(ScannedFile file, StoredContent stored) => new(
        file.LinkTarget is null ? TreeEntryKind.File : TreeEntryKind.Link, file.Path, stored.Bytes, stored.Checksum);

    private static RecordDraft DraftOf(
        string key, ScannedFile file, StoredContent stored, PutOptions options, TxId[] parents) => new()
        {
            Key = KeyOf(key, file.Path),
            Hash = stored.Checksum.ToString(),
            ChecksumAlgorithm = "SHA-256",
            Location = stored.Location,
            Pointer = stored.Pointer,
            Description = options.Description,
            Type = options.Type,
            Parents = [.. parents.Select(parent => parent.Value)],
            Strict = options.Strict && parents.Length > 0,
            ExpectedTransactionId = options.ExpectedTransactionId,
        };

    private static Action<long> Watch(IReadOnlyList<ScannedFile> files, IProgress<TreeProgress>? progress)
    {
        long all = files.Sum(file => file.Stat.Bytes);
        int done = 0;
        long bytes = 0;
        return added => progress?.Report(
            new TreeProgress(Interlocked.Increment(ref done), files.Count, Interlocked.Add(ref bytes, added), all));
    }

    /// <summary>What all files of one folder have in common.</summary>
    private sealed record Job(
        string Folder, string Key, IReadOnlyList<RecipientKey> Recipients, Action<long> Watch);
}
