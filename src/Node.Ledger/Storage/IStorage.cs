using Node.Protocol;

namespace Node.Ledger.Storage;

/// <summary>One open database: ordered keys in families, written in batches that are all or none.</summary>
/// <remarks>
/// Any thread reads; one writes. Keys are ordered by their bytes. What goes wrong leaves as
/// <see cref="StorageFailedException"/> (the machine, or a database that is closed) or
/// <see cref="LedgerCorruptException"/> (the bytes), with the operation that the caller names.
/// </remarks>
internal interface IStorage : IDisposable
{
    /// <summary>An empty batch for <see cref="Write"/>. The caller disposes it.</summary>
    StorageBatch NewBatch();

    /// <summary>Null when the key is not there.</summary>
    byte[]? Get(ReadOnlySpan<byte> key, StorageFamily family, string operation);

    /// <summary>As <see cref="Get"/>, in the engine's memory.</summary>
    /// <param name="snapshot">Null reads what is newest.</param>
    StoredValue GetPinned(
        ReadOnlySpan<byte> key, StorageFamily family, StorageSnapshot? snapshot, string operation);

    /// <summary>Walks the keys from lower, included, to upper, excluded. Stands on none at first.</summary>
    /// <param name="lower">Empty: from the first key.</param>
    /// <param name="upper">Empty: to the last key.</param>
    /// <param name="snapshot">Null walks what is newest now.</param>
    StorageIterator NewIterator(
        StorageFamily family,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        StorageSnapshot? snapshot,
        string operation);

    /// <summary>The state of now, readable until disposed, whatever is written meanwhile.</summary>
    StorageSnapshot CreateSnapshot();

    /// <exception cref="StorageFailedException">What is on disk is unknown: close and open anew.</exception>
    void Write(StorageBatch batch, WriteDurability durability, string operation);

    /// <summary>
    /// Nobody will ask for anything soon: lets go of the memory that is kept for speed. A storage that keeps none has
    /// nothing to let go. Any thread, beside readers and the writer.
    /// </summary>
    void Rest(string operation)
    {
    }

    /// <summary>
    /// Gives the space of values that were overwritten back to the file system, as far as no older snapshot may still
    /// read them, and packs the rest. A storage without files has nothing to give back.
    /// </summary>
    /// <param name="end">
    /// Keys of the family below this one were overwritten. Empty: none were, and only the engine's log goes.
    /// </param>
    void Reclaim(StorageFamily family, byte[] end, string operation)
    {
    }
}
