using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>A family of keys, by its place in the list that its database was opened with.</summary>
internal readonly record struct StorageFamily(int Index);

/// <summary>What a write must outlive when it returns.</summary>
internal enum WriteDurability
{
    /// <summary>A crash of the machine; with it everything written before.</summary>
    Synced,

    /// <summary>A crash of the process. It is never lost unless everything written behind it is lost, too.</summary>
    Unsynced,

    /// <summary>Nothing: the database is thrown away.</summary>
    Scratch,
}

/// <summary>Writes that become visible and durable together, all or none.</summary>
/// <remarks>For one thread. Later entries of the same key win. Keys and values are copied in.</remarks>
internal abstract class StorageBatch : IDisposable
{
    public abstract void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StorageFamily family);

    /// <summary>Puts one record whose value is the two parts side by side, without joining them first.</summary>
    public abstract void Putv(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail, StorageFamily family);

    /// <summary>Puts one record whose value is given in parts.</summary>
    public abstract void Putv(byte[] key, ReadOnlySpan<ReadOnlyMemory<byte>> valueParts, StorageFamily family);

    public abstract void Delete(ReadOnlySpan<byte> key, StorageFamily family);

    public abstract void Clear();

    public abstract void Dispose();
}

/// <summary>Walks the keys of one family in byte order, over the state at its creation.</summary>
/// <remarks>
/// For one thread. Between two moves the spans stay valid. <see cref="Valid"/> turning false is the end or an error:
/// call <see cref="CheckError"/> after a walk.
/// </remarks>
internal abstract class StorageIterator : IDisposable
{
    public abstract bool Valid();

    public abstract void SeekToFirst();

    public abstract void SeekToLast();

    public abstract void Next();

    public abstract void Prev();

    public abstract ReadOnlySpan<byte> GetKeySpan();

    public abstract ReadOnlySpan<byte> GetValueSpan();

    /// <summary>Throws what ended the walk early, if it was not the end.</summary>
    public abstract void CheckError(string operation);

    public abstract void Dispose();
}

/// <summary>The state of a database at one instant. Costs space for as long as it is held.</summary>
internal abstract class StorageSnapshot : IDisposable
{
    public abstract void Dispose();
}

/// <summary>A value read in place. Dispose it soon and once, and do not copy it.</summary>
internal ref struct StoredValue
{
    private PinnedValue _pinned;

    public StoredValue(PinnedValue pinned)
    {
        _pinned = pinned;
        Found = pinned.Found;
        Bytes = pinned.Bytes;
    }

    /// <summary>A value that nobody changes, such as one of a simulated disk.</summary>
    public StoredValue(ReadOnlySpan<byte> bytes)
    {
        Found = true;
        Bytes = bytes;
    }

    /// <summary>Whether the key is there. An empty value is found, too.</summary>
    public bool Found { get; }

    /// <summary>Empty when not found. Not to be touched once disposed.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public void Dispose() => _pinned.Dispose();
}
