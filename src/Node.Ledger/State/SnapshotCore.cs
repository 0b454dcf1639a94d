using Node.Ledger.Storage;

namespace Node.Ledger.State;

/// <summary>The engine's snapshot of one height, shared by all who read there, released by the last of them.</summary>
internal sealed class SnapshotCore(LedgerDatabase database, StorageSnapshot snapshot, ulong height)
{
    private int _references = 1;   // The ledger's own, while it is the newest.

    public LedgerDatabase Database => database;

    public StorageSnapshot Snapshot => snapshot;

    public ulong Height => height;

    /// <summary>For one who holds a reference, or the lock under which the ledger does.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            snapshot.Dispose();
    }
}
