using Node.Client.Storing;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>
/// A spool's content: kept on the device, and brought to where its records say that it lies before they are forwarded.
/// </summary>
/// <remarks>
/// A record is signed while the device is alone, so the place that it names is decided when the spool is made: the
/// device's own store, or one that others can reach. Content has the same pointer in both.
/// </remarks>
public sealed class SpoolContent : IAsyncDisposable
{
    private const int UploadsAtOnce = 4;

    private readonly FolderStore _local;

    private SpoolContent(SpoolLayout layout)
    {
        _local = new FolderStore(layout.Store);
        Location = File.Exists(layout.LocationFile) ? File.ReadAllText(layout.LocationFile).Trim() : _local.Location;
    }

    /// <summary>What records of this spool say.</summary>
    public string Location { get; }

    /// <summary>Content stays on the device, and is read from there.</summary>
    public bool IsLocal => Location == _local.Location;

    /// <exception cref="SpoolException">There is no spool.</exception>
    public static SpoolContent Open(string folder)
    {
        var layout = new SpoolLayout(folder);
        layout.RequireSpool();
        return new SpoolContent(layout);
    }

    /// <summary>Decides where content will lie; before the first record.</summary>
    /// <param name="location">As a record says it, such as <c>s3://bucket/prefix</c>.</param>
    public static Task SetLocationAsync(string folder, string location, CancellationToken cancellation) =>
        DurableFile.ReplaceAsync(
            new SpoolLayout(folder).LocationFile, System.Text.Encoding.UTF8.GetBytes(location + "\n"), cancellation);

    /// <summary>Stores content on the device, durably.</summary>
    /// <returns>With the location that records of this spool say.</returns>
    public async Task<StoredContent> AddAsync(Stream content, CancellationToken cancellation)
    {
        StoredContent stored = await _local.AddAsync(content, AddOptions.None, cancellation).ConfigureAwait(false);
        return stored with { Location = Location };
    }

    /// <summary>Brings the content of these entries to where their records say; what is there already stays.</summary>
    /// <param name="stores">One of them must be the spool's location.</param>
    /// <exception cref="SpoolException">None is; or the device no longer has the content.</exception>
    internal async Task UploadAsync(
        IReadOnlyList<SignedJournalEntry> entries, ContentStores stores, CancellationToken cancellation)
    {
        if (IsLocal)
            return;

        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = UploadsAtOnce,
            CancellationToken = cancellation,
        };
        IEnumerable<JournalEntry> own = entries.Select(entry => entry.Entry)
            .Where(entry => entry.Record?.Location == Location)
            .DistinctBy(entry => entry.Record?.Pointer);
        await Parallel.ForEachAsync(own, options, async (entry, stop) =>
            await UploadAsync(entry, stores, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    private async Task UploadAsync(JournalEntry entry, ContentStores stores, CancellationToken cancellation)
    {
        JournaledRecord record = entry.Record!;   // The caller picked those that have one.
        IContentStore target = stores.Find(record.Location, record.Pointer, out string pointer)
            ?? throw new SpoolException(
                SpoolFaultKind.WrongPlace,
                $"The content of this spool is to lie in {Location}, and no store of the network folder is that. "
                + "Add it to stores.yaml.");
        if (await IsThereAsync(target, pointer, cancellation).ConfigureAwait(false))
            return;

        try
        {
            Stream content = await _local.OpenAsync(record.Pointer, cancellation).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                StoredContent stored = await target.AddAsync(
                    content, new AddOptions { Name = record.Key, Pointer = pointer }, cancellation)
                    .ConfigureAwait(false);
                if (stored.Checksum.ToString() != record.Hash)
                    throw Lost(entry, "was altered on this device");
            }
        }
        catch (ContentMissingException)
        {
            throw Lost(entry, "is no longer on this device");
        }
    }

    private static async Task<bool> IsThereAsync(
        IContentStore target, string pointer, CancellationToken cancellation)
    {
        try
        {
            Stream content = await target.OpenAsync(pointer, cancellation).ConfigureAwait(false);
            await content.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (ContentMissingException)
        {
            return false;
        }
    }

    private static SpoolException Lost(JournalEntry entry, string what) => new(
        SpoolFaultKind.Altered,
        FormattableString.Invariant($"The content of entry {entry.Sequence} ({entry.Record?.Pointer}) {what}. ")
        + "Put it back, or forward without content: --no-content.");
}
