using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Client.Keeping;

/// <summary>A content that the ledger names.</summary>
/// <param name="Location">As the record says.</param>
/// <param name="Pointer">As the record says; for files of a tree their content address.</param>
/// <param name="NamedBy">A key, and for files of a tree the path behind it.</param>
public sealed record ContentReference(string Location, string Pointer, Checksum Checksum, string NamedBy);

/// <summary>All contents that the ledger names, in every version of every key, and in trees.</summary>
public sealed class LedgerReferences
{
    private const int KeysAtOnce = 16;

    private readonly List<ContentReference> _all = [];
    private readonly HashSet<string> _checksums = new(StringComparer.Ordinal);
    private readonly HashSet<TxId> _records = [];

    private readonly bool _skipBrokenTrees;

    private LedgerReferences(bool skipBrokenTrees) => _skipBrokenTrees = skipBrokenTrees;

    public IReadOnlyList<ContentReference> All => _all;

    /// <summary>Reads the whole ledger.</summary>
    /// <param name="skipBrokenTrees">Leave out the files of a tree whose list cannot be read, rather than fail.</param>
    /// <exception cref="ContentMismatchException">
    /// The list of a tree is missing or altered, so what it names is not known. Repair it first.
    /// </exception>
    public static async Task<LedgerReferences> CollectAsync(
        ProvenanceClient client, bool skipBrokenTrees, CancellationToken cancellation)
    {
        var references = new LedgerReferences(skipBrokenTrees);
        var keys = new List<string>();
        await foreach (ProvenanceRecord newest in client.RangeAsync("", "", cancellation).ConfigureAwait(false))
        {
            keys.Add(newest.Key);
            await references.AddAsync(client, newest, cancellation).ConfigureAwait(false);
        }

        foreach (string[] some in keys.Chunk(KeysAtOnce))
        {
            List<ProvenanceRecord>[] histories = await Task.WhenAll(
                some.Select(key => HistoryAsync(client, key, cancellation))).ConfigureAwait(false);
            foreach (ProvenanceRecord older in histories.SelectMany(history => history))
                await references.AddAsync(client, older, cancellation).ConfigureAwait(false);
        }

        return references;
    }

    /// <summary>Whether any record names this object, by its place or by its content.</summary>
    public bool Names(IContentStore store, StoredObject found) =>
        (found.Checksum is { } checksum && _checksums.Contains(checksum.ToString()))
        || PointersIn(store).Contains(found.Pointer);

    private Dictionary<IContentStore, HashSet<string>> Pointers { get; } = [];

    private HashSet<string> PointersIn(IContentStore store)
    {
        if (Pointers.TryGetValue(store, out HashSet<string>? known))
            return known;

        var pointers = new HashSet<string>(StringComparer.Ordinal);
        foreach (ContentReference reference in _all)
        {
            if (store.Covers(reference.Location, reference.Pointer, out string own))
                pointers.Add(own);
        }

        Pointers.Add(store, pointers);
        return pointers;
    }

    private static async Task<List<ProvenanceRecord>> HistoryAsync(
        ProvenanceClient client, string key, CancellationToken cancellation)
    {
        var records = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in client.HistoryAsync(key, newestFirst: false, cancellation)
            .ConfigureAwait(false))
            records.Add(record);

        return records;
    }

    private async Task AddAsync(ProvenanceClient client, ProvenanceRecord record, CancellationToken cancellation)
    {
        if (!_records.Add(record.TransactionId) || record.Checksum is not { } checksum)
            return;

        Add(new ContentReference(record.Location, record.Pointer, checksum, record.Key));
        if (!RecordedTree.Is(record))
            return;

        try
        {
            TreeHead head = await RecordedTree.OpenHeadAsync(client, record, cancellation).ConfigureAwait(false);
            Add(ByContent(record, head.List, $"{record.Key} (list of files)"));
            RecordedTree tree = await RecordedTree.OpenAsync(client, record, cancellation).ConfigureAwait(false);
            foreach (TreeEntry entry in tree.Manifest.Entries)
                Add(ByContent(record, entry.Checksum, $"{record.Key}/{entry.Path}"));
        }
        catch (MalformedTreeException)
        {
            // A record that only calls itself a tree names nothing but its own content.
        }
        catch (ContentMismatchException) when (_skipBrokenTrees)
        {
            // What is broken is among the references: whoever repairs it reads the ledger again.
        }
        catch (LocationRefusedException)
        {
            // A tree in a store that this client does not use: nothing of it lies in those it does.
        }
    }

    private static ContentReference ByContent(ProvenanceRecord record, Hash32 checksum, string name) =>
        new(record.Location, ContentAddress.PointerOf(checksum), Checksum.Of(checksum), name);

    private void Add(ContentReference reference)
    {
        _all.Add(reference);
        _checksums.Add(reference.Checksum.Hex);
    }
}
