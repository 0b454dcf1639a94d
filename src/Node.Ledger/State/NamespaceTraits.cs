using System.Text;
using Node.Ledger.Storage;

namespace Node.Ledger.State;

/// <summary>Which namespaces ever had metadata on a key. In the others nobody needs to look for any.</summary>
/// <remarks>
/// Stored as <c>metadata/</c> and the namespace, without a value, in the column family <c>meta</c>. Grows only. The
/// committer writes; any thread asks.
/// </remarks>
internal sealed class NamespaceTraits
{
    private readonly List<byte[]> _added = [];
    private volatile byte[][] _withMetadata = [];

    /// <summary>What all keys begin with, in the column family <c>meta</c>; a namespace follows.</summary>
    public static ReadOnlySpan<byte> KeysFrom => "metadata/"u8;

    /// <summary>The first key behind all of them: '0' is the byte behind '/'.</summary>
    public static ReadOnlySpan<byte> KeysBehind => "metadata0"u8;

    public static NamespaceTraits Load(LedgerDatabase database)
    {
        var traits = new NamespaceTraits();
        using StorageIterator iterator = database.NewIterator(
            database.Meta,
            lower: KeysFrom,
            upper: KeysBehind,
            snapshot: null,
            "read the namespaces");
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            traits.Add(iterator.GetKeySpan()[KeysFrom.Length..]);

        iterator.CheckError("read the namespaces");
        return traits;
    }

    public bool HasMetadata(ReadOnlySpan<byte> ns)
    {
        foreach (byte[] known in _withMetadata)
        {
            if (ns.SequenceEqual(known))
                return true;
        }

        return false;
    }

    public bool HasMetadata(string ns) => HasMetadata(Encoding.UTF8.GetBytes(ns));

    /// <summary>Counts from now on, and for good once the block that says so is written.</summary>
    public void NoteMetadata(ReadOnlySpan<byte> ns)
    {
        if (HasMetadata(ns))
            return;

        Add(ns);
        _added.Add(ns.ToArray());
    }

    /// <summary>Adds what is new since the last block.</summary>
    public void AddTo(StorageBatch batch, LedgerDatabase database)
    {
        foreach (byte[] ns in _added)
            batch.Put([.. KeysFrom, .. ns], ReadOnlySpan<byte>.Empty, database.Meta);

        _added.Clear();
    }

    // Copied on write, so that readers need no lock.
    private void Add(ReadOnlySpan<byte> ns) => _withMetadata = [.. _withMetadata, ns.ToArray()];
}
