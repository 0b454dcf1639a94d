namespace RocksDbSharp;

/// <summary>Makes openable copies of a live database, by hard links where the file system allows.</summary>
public sealed class Checkpoint : IDisposable
{
    private readonly NativeHandle _handle;

    internal unsafe Checkpoint(nint pointer, NativeHandle database)
    {
        _handle = new NativeHandle(pointer, &Native.rocksdb_checkpoint_object_destroy, owner: database);
    }

    /// <summary>Writes the database as it is now to a directory that does not exist yet.</summary>
    /// <param name="logSizeForFlush">Bytes of log from which memtables are flushed first rather than the log copied;
    /// 0 always flushes.</param>
    /// <exception cref="RocksDbException">The directory exists, or the copy failed; nothing usable is left
    /// there.</exception>
    public unsafe void Save(string checkpointDir, ulong logSizeForFlush = 0)
    {
        using NativeHandle.Lease checkpoint = _handle.Acquire();
        nint error = 0;
        Native.rocksdb_checkpoint_create(
            checkpoint.Pointer, RocksDb.CheckText(checkpointDir), logSizeForFlush, &error);
        RocksDbException.ThrowIfError(error);
    }

    public void Dispose() => _handle.Dispose();
}
