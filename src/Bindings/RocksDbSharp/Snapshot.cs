namespace RocksDbSharp;

/// <summary>The state of a database at one instant, readable until disposed, whatever is written meanwhile.</summary>
/// <remarks>The engine keeps every version a snapshot may need, so one that is held for long costs space.</remarks>
public sealed class Snapshot : IDisposable
{
    internal Snapshot(nint pointer, NativeHandle database)
    {
        Handle = new SnapshotHandle(pointer, database);
    }

    internal NativeHandle Handle { get; }

    public void Dispose() => Handle.Dispose();

    private sealed unsafe class SnapshotHandle(nint pointer, NativeHandle database)
        : NativeHandle(pointer, destroy: null, owner: database)
    {
        protected override void Destroy() => Native.rocksdb_release_snapshot(OwnerPointer, handle);
    }
}
