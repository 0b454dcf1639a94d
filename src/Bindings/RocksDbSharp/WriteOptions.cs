namespace RocksDbSharp;

/// <summary>How to write. Without <see cref="SetSync"/> a write survives the process, not the machine.</summary>
public sealed class WriteOptions : IDisposable
{
    public unsafe WriteOptions()
    {
        Handle = new NativeHandle(
            Native.rocksdb_writeoptions_create(), &Native.rocksdb_writeoptions_destroy, owner: null);
    }

    internal NativeHandle Handle { get; }

    private nint Pointer => Handle.Pointer;

    /// <summary>Returns from a write only after the log is synced to the device. Off by default.</summary>
    public WriteOptions SetSync(bool value)
    {
        Native.rocksdb_writeoptions_set_sync(Pointer, value ? (byte)1 : (byte)0);
        return this;
    }

    /// <summary>1 writes nothing to the log: what is not flushed is lost when the process ends.</summary>
    public WriteOptions DisableWal(int disable)
    {
        Native.rocksdb_writeoptions_disable_WAL(Pointer, disable);
        return this;
    }

    /// <summary>Fails a write at once where the engine would make it wait.</summary>
    public WriteOptions SetNoSlowdown(bool value)
    {
        Native.rocksdb_writeoptions_set_no_slowdown(Pointer, value ? (byte)1 : (byte)0);
        return this;
    }

    public void Dispose() => Handle.Dispose();
}
