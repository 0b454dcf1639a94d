using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>A place off the ledger that keeps content. Any thread; parallel over contents.</summary>
/// <remarks>
/// Addresses have two parts, as records have: the location names the store, the pointer what lies in it. Failures of
/// the store are <see cref="StorageFailedException"/> (it said no, or its disk did) and
/// <see cref="StoreUnreachableException"/> (it did not answer).
/// </remarks>
public interface IContentStore : IAsyncDisposable
{
    /// <summary>What records say: a URI without user, password or key. Equal for equal stores.</summary>
    string Location { get; }

    bool IsReadOnly { get; }

    /// <summary>
    /// Hashes while it transfers, in one pass with a few buffers whatever the size. Durable, complete and readable when
    /// it returns; when it throws there is no object, or one that the sweep finds.
    /// </summary>
    /// <exception cref="IOException"><paramref name="content"/> cannot be read.</exception>
    /// <exception cref="StorageFailedException">The store is read-only, full or failing.</exception>
    Task<StoredContent> AddAsync(Stream content, AddOptions options, CancellationToken cancellation);

    /// <summary>
    /// The bytes as they lie there, not verified. What was added is also found under its
    /// <see cref="ContentAddress"/>, wherever it lies.
    /// </summary>
    /// <exception cref="ContentMissingException">Nothing lies there.</exception>
    Task<Stream> OpenAsync(string pointer, CancellationToken cancellation);

    /// <summary>
    /// Whether an address lies in this store. It decides only by the text; nothing is read, so that a record cannot
    /// make a client touch a place that nobody allowed.
    /// </summary>
    /// <param name="own">The pointer within this store.</param>
    bool Covers(string location, string pointer, out string own);

    /// <summary>What was added here, complete or abandoned; not what people put there themselves.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellation);

    /// <summary>Removes an object and its back-links; one that is gone already counts as removed.</summary>
    Task DeleteAsync(string pointer, CancellationToken cancellation);

    /// <summary>
    /// Leaves a note beside the object which record names it. A hint for people and for the sweep, which holds it
    /// against the ledger: nothing trusts it.
    /// </summary>
    Task LinkAsync(string pointer, TxId record, CancellationToken cancellation);

    /// <summary>What <see cref="LinkAsync"/> noted.</summary>
    Task<IReadOnlyList<TxId>> LinksAsync(string pointer, CancellationToken cancellation);
}
