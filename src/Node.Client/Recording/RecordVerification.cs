using Node.Client.Storing;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Client.Recording;

public enum FindingKind
{
    /// <summary>The content is as recorded.</summary>
    Intact,

    /// <summary>The content is not what was recorded.</summary>
    Altered,

    /// <summary>There is no content where the record says.</summary>
    Missing,

    /// <summary>A record names a parent that nobody recorded.</summary>
    BrokenAncestry,

    /// <summary>A record was derived from a version that has been replaced since. True, and worth knowing.</summary>
    OutdatedParent,

    /// <summary>The checksum's algorithm is unknown here, so nothing can be said.</summary>
    NotVerifiable,

    /// <summary>The record names no content, or one in a store that this client does not read.</summary>
    Elsewhere,
}

/// <summary>One thing a verification found.</summary>
/// <param name="Record">The record in question; for ancestry, the child.</param>
/// <param name="Parent">For ancestry: the parent in question; else none.</param>
/// <param name="Check">For content: the file with both checksums; else null.</param>
public sealed record Finding(FindingKind Kind, ProvenanceRecord Record, TxId Parent, ContentCheck? Check)
{
    /// <summary>The parent's record; null when there is none, and for content.</summary>
    public ProvenanceRecord? ParentRecord { get; init; }

    /// <summary>The records cannot be relied on.</summary>
    public bool IsFailure => Kind is FindingKind.Altered or FindingKind.Missing or FindingKind.BrokenAncestry;
}

/// <summary>
/// Holds records and all their ancestors against the stored bytes. Each record and each file is looked at once.
/// </summary>
/// <remarks>One owner, one thread at a time.</remarks>
public sealed class RecordVerification
{
    private readonly ProvenanceClient _client;
    private readonly Dictionary<TxId, ProvenanceRecord?> _records = [];
    private readonly HashSet<TxId> _done = [];

    internal RecordVerification(ProvenanceClient client) => _client = client;

    public int RecordsVerified => _done.Count;

    /// <summary>
    /// What is found about a record and its ancestors, except for what an earlier call found already.
    /// </summary>
    public async Task<IReadOnlyList<Finding>> VerifyAsync(ProvenanceRecord record, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        await VerifyAllAsync(new Queue<ProvenanceRecord>([record]), findings, cancellation).ConfigureAwait(false);
        return findings;
    }

    /// <summary>The same without the record's own content, for which the caller answers.</summary>
    public async Task<IReadOnlyList<Finding>> VerifyAncestorsAsync(
        ProvenanceRecord record, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var waiting = new Queue<ProvenanceRecord>();
        await FollowAsync(record, waiting, findings, cancellation).ConfigureAwait(false);
        await VerifyAllAsync(waiting, findings, cancellation).ConfigureAwait(false);
        return findings;
    }

    private async Task VerifyAllAsync(
        Queue<ProvenanceRecord> waiting, List<Finding> findings, CancellationToken cancellation)
    {
        while (waiting.TryDequeue(out ProvenanceRecord? next))
        {
            if (!_done.Add(next.TransactionId))
                continue;

            Finding content = await CheckContentAsync(next, cancellation).ConfigureAwait(false);
            if (content.Kind == FindingKind.Intact && RecordedTree.Is(next))
                await CheckTreeAsync(next, findings, cancellation).ConfigureAwait(false);
            else
                findings.Add(content);

            await FollowAsync(next, waiting, findings, cancellation).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(
        ProvenanceRecord child, Queue<ProvenanceRecord> waiting, List<Finding> findings,
        CancellationToken cancellation)
    {
        foreach (TxId id in child.Parents)
        {
            ProvenanceRecord? parent = await FindAsync(id, cancellation).ConfigureAwait(false);
            if (parent is null)
                findings.Add(new Finding(FindingKind.BrokenAncestry, child, id, Check: null));
            else
                waiting.Enqueue(parent);

            if (parent is { IsOutdated: true })
                findings.Add(
                    new Finding(FindingKind.OutdatedParent, child, id, Check: null) { ParentRecord = parent });
        }
    }

    private async Task<Finding> CheckContentAsync(ProvenanceRecord record, CancellationToken cancellation)
    {
        if (record.Checksum is not { } expected)
            return new Finding(FindingKind.NotVerifiable, record, default, Check: null);

        try
        {
            ContentCheck check = await _client.Stores
                .CheckAsync(record.Location, record.Pointer, expected, cancellation).ConfigureAwait(false);
            FindingKind kind = check.State switch
            {
                ContentState.Intact => FindingKind.Intact,
                ContentState.Altered => FindingKind.Altered,
                _ => FindingKind.Missing,
            };
            return new Finding(kind, record, default, check);
        }
        catch (LocationRefusedException)
        {
            return new Finding(FindingKind.Elsewhere, record, default, Check: null);
        }
    }

    // The head is intact; what it names is the rest of the record's content. A tree that is right is one finding.
    private async Task CheckTreeAsync(
        ProvenanceRecord record, List<Finding> findings, CancellationToken cancellation)
    {
        try
        {
            RecordedTree tree = await RecordedTree.OpenAsync(_client, record, cancellation).ConfigureAwait(false);
            IReadOnlyList<ContentCheck> broken = await tree.CheckAsync(cancellation).ConfigureAwait(false);
            foreach (ContentCheck check in broken)
                findings.Add(new Finding(
                    check.State == ContentState.Missing ? FindingKind.Missing : FindingKind.Altered, record, default,
                    check));

            if (broken.Count == 0)
                findings.Add(new Finding(FindingKind.Intact, record, default, Check: null));
        }
        catch (ContentMismatchException e)
        {
            findings.Add(new Finding(
                e.Check.State == ContentState.Missing ? FindingKind.Missing : FindingKind.Altered, record, default,
                e.Check));
        }
        catch (MalformedTreeException)
        {
            findings.Add(new Finding(FindingKind.NotVerifiable, record, default, Check: null));
        }
    }

    private async Task<ProvenanceRecord?> FindAsync(TxId id, CancellationToken cancellation)
    {
        if (_records.TryGetValue(id, out ProvenanceRecord? known))
            return known;

        ProvenanceRecord? found;
        try
        {
            found = await _client.FindByTransactionAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (RecordNotFoundException)
        {
            found = null;
        }

        _records.Add(id, found);
        return found;
    }
}
