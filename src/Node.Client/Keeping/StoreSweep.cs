using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Keeping;

public enum OrphanKind
{
    /// <summary>Stored, and never recorded: what a put left that was cut off before the ledger.</summary>
    Unrecorded,

    /// <summary>Never complete.</summary>
    Unfinished,

    /// <summary>
    /// Linked to a transaction that this ledger does not have: another network may use the same store.
    /// </summary>
    Foreign,
}

/// <summary>An object that no record names.</summary>
public sealed record Orphan(StoredObject Object, OrphanKind Kind)
{
    public bool IsDeleted { get; init; }
}

/// <summary>Finds objects of a store that no record names, and removes them when told to.</summary>
/// <remarks>
/// Content is stored before it is recorded, so a young object may be about to get its record: only objects older than
/// the grace time are looked at, and each is looked at again just before it is removed.
/// </remarks>
public sealed class StoreSweep(ProvenanceClient client, IContentStore store, TimeProvider clock)
{
    /// <summary>What a put may take from its first stored byte to its record, with room to spare.</summary>
    public static readonly TimeSpan GraceDefault = TimeSpan.FromHours(24);

    /// <param name="grace">Younger objects are left alone.</param>
    /// <param name="delete">Remove what is found, except for objects of other networks.</param>
    public async Task<IReadOnlyList<Orphan>> RunAsync(TimeSpan grace, bool delete, CancellationToken cancellation)
    {
        // The store first: what is recorded after it was listed is in the ledger when that is read.
        DateTimeOffset newest = clock.GetUtcNow() - grace;
        List<StoredObject> old = await ListAsync(newest, cancellation).ConfigureAwait(false);
        if (old.Count == 0)
            return [];

        LedgerReferences references = await LedgerReferences
            .CollectAsync(client, skipBrokenTrees: false, cancellation).ConfigureAwait(false);
        var orphans = new List<Orphan>();
        foreach (StoredObject found in old.Where(found => !references.Names(store, found)))
            orphans.Add(new Orphan(found, await KindOfAsync(found, cancellation).ConfigureAwait(false)));

        return delete && orphans.Count > 0
            ? await DeleteAsync(orphans, newest, cancellation).ConfigureAwait(false)
            : orphans;
    }

    private async Task<List<StoredObject>> ListAsync(DateTimeOffset newest, CancellationToken cancellation)
    {
        var old = new List<StoredObject>();
        await foreach (StoredObject found in store.ListAsync(cancellation).ConfigureAwait(false))
        {
            if (found.LastWrite <= newest)
                old.Add(found);
        }

        return old;
    }

    private async Task<OrphanKind> KindOfAsync(StoredObject found, CancellationToken cancellation)
    {
        if (found.Checksum is null)
            return OrphanKind.Unfinished;

        foreach (TxId record in await store.LinksAsync(found.Pointer, cancellation).ConfigureAwait(false))
        {
            if (!await IsOnLedgerAsync(record, cancellation).ConfigureAwait(false))
                return OrphanKind.Foreign;
        }

        return OrphanKind.Unrecorded;
    }

    private async Task<bool> IsOnLedgerAsync(TxId record, CancellationToken cancellation)
    {
        try
        {
            await client.FindByTransactionAsync(record, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RecordNotFoundException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<Orphan>> DeleteAsync(
        List<Orphan> orphans, DateTimeOffset newest, CancellationToken cancellation)
    {
        // Somebody may have put the same content again meanwhile: then it is young now.
        HashSet<string> still = [.. (await ListAsync(newest, cancellation).ConfigureAwait(false))
            .Select(found => found.Pointer)];
        var done = new List<Orphan>();
        foreach (Orphan orphan in orphans)
        {
            bool isDeleted = orphan.Kind != OrphanKind.Foreign && still.Contains(orphan.Object.Pointer);
            if (isDeleted)
                await store.DeleteAsync(orphan.Object.Pointer, cancellation).ConfigureAwait(false);

            done.Add(orphan with { IsDeleted = isDeleted });
        }

        return done;
    }
}
