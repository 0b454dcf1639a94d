using System.Collections.Concurrent;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Keeping;

/// <summary>One content in two stores.</summary>
/// <param name="NamedBy">The record that names it; empty for what only lies in a store.</param>
/// <param name="InFirst">
/// Intact when it is there; whether its bytes are right is only known when they were read.
/// </param>
public sealed record ComparedContent(Hash32 Checksum, string NamedBy, ContentState InFirst, ContentState InSecond)
{
    public bool IsSame => InFirst == ContentState.Intact && InSecond == ContentState.Intact;
}

/// <summary>Holds the contents of two stores against each other, by checksum.</summary>
public sealed class StoreComparison(ProvenanceClient client)
{
    private const int ContentsAtOnce = 8;

    /// <param name="deep">Read every content in both and hold it against its checksum.</param>
    /// <returns>In the order of the checksums.</returns>
    public async Task<IReadOnlyList<ComparedContent>> CompareAsync(
        IContentStore first, IContentStore second, bool deep, CancellationToken cancellation)
    {
        LedgerReferences references = await LedgerReferences
            .CollectAsync(client, skipBrokenTrees: false, cancellation).ConfigureAwait(false);
        var names = new SortedDictionary<Hash32, string>();
        foreach (IContentStore store in new[] { first, second })
        {
            await foreach (StoredObject found in store.ListAsync(cancellation).ConfigureAwait(false))
            {
                if (found.Checksum is { } checksum)
                    names[checksum] = "";
            }
        }

        foreach (ContentReference reference in references.All)
        {
            bool isHere = first.Covers(reference.Location, reference.Pointer, out _)
                || second.Covers(reference.Location, reference.Pointer, out _);
            if (Hash32.TryParseHex(reference.Checksum.Hex, out Hash32 checksum)
                && (isHere || names.ContainsKey(checksum)))
                names[checksum] = reference.NamedBy;
        }

        var compared = new ConcurrentDictionary<Hash32, ComparedContent>();
        await Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = ContentsAtOnce, CancellationToken = cancellation },
            async (content, stop) => compared[content.Key] = new ComparedContent(
                content.Key, content.Value,
                await StateAsync(first, content.Key, deep, stop).ConfigureAwait(false),
                await StateAsync(second, content.Key, deep, stop).ConfigureAwait(false))).ConfigureAwait(false);
        return [.. compared.Values.OrderBy(content => content.Checksum)];
    }

    private static async Task<ContentState> StateAsync(
        IContentStore store, Hash32 checksum, bool deep, CancellationToken cancellation)
    {
        foreach (string suffix in new[] { "", ContentAddress.EncryptedSuffix })
        {
            try
            {
                Stream stored = await store.OpenAsync(ContentAddress.PointerOf(checksum, suffix), cancellation)
                    .ConfigureAwait(false);
                await using (stored.ConfigureAwait(false))
                {
                    if (!deep)
                        return ContentState.Intact;

                    ContentCheck check = await ContentVerification
                        .CheckAsync(stored, store.Location, Checksum.Of(checksum), cancellation).ConfigureAwait(false);
                    return check.State;
                }
            }
            catch (ContentMissingException)
            {
                // It may lie there encrypted.
            }
        }

        return ContentState.Missing;
    }
}
