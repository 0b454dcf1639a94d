using System.Collections.Concurrent;
using Node.Client.Storing;

namespace Node.Client.Keeping;

/// <summary>
/// Everything in a store, read and held against the checksum under which it was added. Asks no ledger.
/// </summary>
/// <param name="Unfinished">Objects that were never complete; the sweep removes them.</param>
public sealed record StoreCheck(int Objects, long Bytes, int Unfinished, IReadOnlyList<ContentCheck> Altered)
{
    private const int ContentsAtOnce = 8;

    /// <param name="say">Told what is read.</param>
    public static async Task<StoreCheck> RunAsync(
        IContentStore store, Action<string> say, CancellationToken cancellation)
    {
        int objects = 0;
        long bytes = 0;
        int unfinished = 0;
        var altered = new ConcurrentQueue<ContentCheck>();
        await Parallel.ForEachAsync(
            store.ListAsync(cancellation),
            new ParallelOptions { MaxDegreeOfParallelism = ContentsAtOnce, CancellationToken = cancellation },
            async (found, stop) =>
            {
                if (found.Checksum is not { } checksum)
                {
                    Interlocked.Increment(ref unfinished);
                    return;
                }

                say($"Checking {found.Pointer}");
                Interlocked.Increment(ref objects);
                Interlocked.Add(ref bytes, found.Bytes);
                ContentCheck check = await CheckAsync(store, found, Checksum.Of(checksum), stop).ConfigureAwait(false);
                if (check.State != ContentState.Intact)
                    altered.Enqueue(check);
            }).ConfigureAwait(false);
        return new StoreCheck(
            objects, bytes, unfinished, [.. altered.OrderBy(check => check.Path, StringComparer.Ordinal)]);
    }

    private static async Task<ContentCheck> CheckAsync(
        IContentStore store, StoredObject found, Checksum expected, CancellationToken cancellation)
    {
        string place = StorePlace.Of(store.Location, found.Pointer);
        try
        {
            Stream stored = await store.OpenAsync(found.Pointer, cancellation).ConfigureAwait(false);
            await using (stored.ConfigureAwait(false))
                return await ContentVerification.CheckAsync(stored, place, expected, cancellation)
                    .ConfigureAwait(false);
        }
        catch (ContentMissingException)
        {
            return new ContentCheck(place, expected, Found: null, ContentState.Missing);
        }
    }
}
