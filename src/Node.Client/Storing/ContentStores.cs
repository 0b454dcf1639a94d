using System.Runtime.ExceptionServices;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>The stores that a client uses: one for new content, and all that records may name. Any thread.</summary>
/// <remarks>
/// A record's location chooses among these stores and never beyond them. Content that is not where its record says is
/// looked for under its checksum in the others, so that a store may be moved or mirrored.
/// </remarks>
public sealed class ContentStores : IAsyncDisposable
{
    private readonly IContentStore[] _all;
    private readonly Dictionary<IContentStore, string> _names = [];

    /// <param name="newContent">Where new content goes; owned from now on, as the others are.</param>
    /// <param name="others">Only read from.</param>
    public ContentStores(IContentStore newContent, params IReadOnlyList<IContentStore> others)
    {
        Default = newContent;
        _all = [newContent, .. others.Where(store => store != newContent)];
    }

    /// <summary>The stores of a network's folder: its stores.yaml, and its own store.</summary>
    /// <param name="store">
    /// Where new content goes, and what may be read in addition: a name of stores.yaml, a URI or a path. Null: the
    /// default of the file.
    /// </param>
    /// <exception cref="StoreConfigException">A description is wrong, or credentials are missing.</exception>
    public static ContentStores FromNetworkFolder(string folder, string? store, TimeProvider clock)
    {
        if (!StoresFile.TryLoad(folder, out StoresFile? file, out string? fault))
            throw new StoreConfigException(fault);

        StoreSettings chosen = store is null ? file.Default : file.Find(store) ?? Parse(store);
        StoreSettings[] others = [.. file.Stores.Where(one => one != chosen)];
        var stores = new ContentStores(chosen.Open(clock), [.. others.Select(one => one.Open(clock))]);
        for (int index = 0; index < stores.All.Count; index++)
            stores._names[stores.All[index]] = index == 0 ? chosen.Name : others[index - 1].Name;

        return stores;
    }

    /// <summary>One store: a name of a network folder's stores.yaml, a URI or a path.</summary>
    /// <inheritdoc cref="FromNetworkFolder"/>
    public static IContentStore OpenOne(string folder, string store, TimeProvider clock) =>
        StoresFile.TryLoad(folder, out StoresFile? file, out string? fault)
            ? (file.Find(store) ?? Parse(store)).Open(clock)
            : throw new StoreConfigException(fault);

    /// <summary>One store: a URI or a path. docs/stores.md lists the options.</summary>
    /// <exception cref="StoreConfigException">The description is wrong, or credentials are missing.</exception>
    public static IContentStore Open(string store, TimeProvider clock) => Parse(store).Open(clock);

    /// <summary>Where new content goes, whatever a record says.</summary>
    public IContentStore Default { get; }

    /// <summary>The default first.</summary>
    public IReadOnlyList<IContentStore> All => _all;

    /// <summary>What stores.yaml calls a store; empty for one that has no name.</summary>
    public string NameOf(IContentStore store) => _names.GetValueOrDefault(store, "");

    /// <summary>Content whose last piece comes only after the whole has been verified.</summary>
    /// <exception cref="LocationRefusedException">No store covers the location.</exception>
    /// <exception cref="ContentMismatchException">
    /// Missing, or altered; the latter may show only while reading.
    /// </exception>
    public async Task<Stream> OpenAsync(
        string location, string pointer, Checksum expected, CancellationToken cancellation)
    {
        (Stream stored, string place) = await OpenStoredAsync(location, pointer, expected, cancellation)
            .ConfigureAwait(false);
        return new VerifyingStream(stored, place, expected);
    }

    /// <summary>Reads all of it and compares.</summary>
    /// <exception cref="LocationRefusedException">No store covers the location.</exception>
    public async Task<ContentCheck> CheckAsync(
        string location, string pointer, Checksum expected, CancellationToken cancellation)
    {
        try
        {
            (Stream stored, string place) = await OpenStoredAsync(location, pointer, expected, cancellation)
                .ConfigureAwait(false);
            await using (stored.ConfigureAwait(false))
                return await ContentVerification.CheckAsync(stored, place, expected, cancellation)
                    .ConfigureAwait(false);
        }
        catch (ContentMismatchException e)
        {
            return e.Check;
        }
    }

    /// <summary>The store that an address lies in; null when no store covers it.</summary>
    public IContentStore? Find(string location, string pointer, out string own)
    {
        foreach (IContentStore store in _all)
        {
            if (store.Covers(location, pointer, out own))
                return store;
        }

        own = "";
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IContentStore store in _all)
            await store.DisposeAsync().ConfigureAwait(false);
    }

    private static StoreSettings Parse(string store) =>
        StoreSettings.TryParse(
            store, Environment.CurrentDirectory, new Dictionary<string, string>(), out StoreSettings? settings,
            out string? fault)
            ? settings
            : throw new StoreConfigException($"The store \"{store}\" does not work: {fault}.");

    private async Task<(Stream Stored, string Place)> OpenStoredAsync(
        string location, string pointer, Checksum expected, CancellationToken cancellation)
    {
        bool isCovered = false;
        Exception? elsewhere = null;
        foreach ((IContentStore store, string own, bool byAddress) in PlacesOf(location, pointer, expected))
        {
            isCovered |= byAddress;
            try
            {
                Stream stored = await store.OpenAsync(own, cancellation).ConfigureAwait(false);
                return (stored, StorePlace.Of(store.Location, own));
            }
            catch (ContentMissingException)
            {
                // The next place may have it.
            }
            catch (Exception e) when (!byAddress
                && (e is StoreUnreachableException or StorageFailedException or StoreConfigException))
            {
                elsewhere ??= e;   // The record does not name that store: its trouble is nobody's answer yet.
            }
        }

        if (!isCovered)
            throw new LocationRefusedException(location, pointer, "no store of this client covers it");
        if (elsewhere is not null)
            ExceptionDispatchInfo.Throw(elsewhere);

        throw new ContentMismatchException(new ContentCheck(
            StorePlace.Of(location, pointer), expected, Found: null, ContentState.Missing));
    }

    private IEnumerable<(IContentStore Store, string Own, bool ByAddress)> PlacesOf(
        string location, string pointer, Checksum expected)
    {
        foreach (IContentStore store in _all)
        {
            if (store.Covers(location, pointer, out string own))
                yield return (store, own, true);
        }

        // Under its checksum alone: safe to ask for in any store, since nobody but the checksum chose the name.
        if (!Hash32.TryParseHex(expected.Hex, out Hash32 checksum) || expected.Algorithm != "SHA-256")
            yield break;

        string byContent = ContentAddress.PointerOf(checksum, ContentAddress.SuffixOf(pointer));
        foreach (IContentStore store in _all)
        {
            if (!store.Covers(location, pointer, out string own) || own != byContent)
                yield return (store, byContent, false);
        }
    }
}
