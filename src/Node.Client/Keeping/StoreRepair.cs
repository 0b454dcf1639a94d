using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Keeping;

/// <summary>A content that was not as recorded, and what became of it.</summary>
/// <param name="From">The store that had it intact; null when none had.</param>
public sealed record RepairedContent(ContentReference Content, ContentState Found, string? From);

/// <summary>Replaces missing and altered contents by intact ones of another store.</summary>
public sealed class StoreRepair(ProvenanceClient client)
{
    /// <param name="from">Where intact contents may come from.</param>
    /// <param name="dryRun">Only say what could be repaired.</param>
    /// <param name="say">Told what is looked at.</param>
    /// <returns>What was not as recorded, in the order of the ledger.</returns>
    public async Task<IReadOnlyList<RepairedContent>> RunAsync(
        IReadOnlyList<IContentStore> from, bool dryRun, Action<string> say, CancellationToken cancellation)
    {
        var repaired = new List<RepairedContent>();
        var done = new HashSet<(IContentStore, string)>();

        // The head of a tree names its list, and the list its files: each round may show what the next one looks at.
        for (int known = -1; known < done.Count;)
        {
            known = done.Count;
            LedgerReferences references = await LedgerReferences
                .CollectAsync(client, skipBrokenTrees: true, cancellation).ConfigureAwait(false);
            foreach (ContentReference content in references.All)
            {
                IContentStore? target = client.Stores.Find(content.Location, content.Pointer, out string own);
                if (target is null || target.IsReadOnly || !done.Add((target, own)))
                    continue;

                say($"Checking {content.NamedBy}");
                ContentState state = await StateAsync(target, own, content.Checksum, cancellation)
                    .ConfigureAwait(false);
                if (state != ContentState.Intact)
                    repaired.Add(new RepairedContent(
                        content, state,
                        await RepairAsync(content, target, own, from, dryRun, cancellation).ConfigureAwait(false)));
            }
        }

        return repaired;
    }

    private static async Task<ContentState> StateAsync(
        IContentStore store, string pointer, Checksum expected, CancellationToken cancellation)
    {
        try
        {
            Stream stored = await store.OpenAsync(pointer, cancellation).ConfigureAwait(false);
            await using (stored.ConfigureAwait(false))
                return (await ContentVerification.CheckAsync(stored, store.Location, expected, cancellation)
                    .ConfigureAwait(false)).State;
        }
        catch (ContentMissingException)
        {
            return ContentState.Missing;
        }
    }

    private static async Task<string?> RepairAsync(
        ContentReference content, IContentStore target, string own, IReadOnlyList<IContentStore> from, bool dryRun,
        CancellationToken cancellation)
    {
        if (!Hash32.TryParseHex(content.Checksum.Hex, out Hash32 checksum))
            return null;

        string address = ContentAddress.PointerOf(
            checksum, own.EndsWith(ContentAddress.EncryptedSuffix, StringComparison.Ordinal)
                ? ContentAddress.EncryptedSuffix
                : "");
        foreach (IContentStore source in from.Where(source => source != target))
        {
            if (await StateAsync(source, address, content.Checksum, cancellation).ConfigureAwait(false)
                != ContentState.Intact)
                continue;
            if (dryRun)
                return source.Location;

            // Verified again while it is copied: the copy comes into being only if the last byte is right too.
            Stream stored = await source.OpenAsync(address, cancellation).ConfigureAwait(false);
            var intact = new VerifyingStream(stored, StorePlace.Of(source.Location, address), content.Checksum);
            await using (intact.ConfigureAwait(false))
                await target.AddAsync(intact, new AddOptions { Name = "", Pointer = own }, cancellation)
                    .ConfigureAwait(false);

            return source.Location;
        }

        return null;
    }
}
