namespace RocksDbSharp;

/// <summary>How to flush a memtable to a table file.</summary>
public sealed class FlushOptions : IDisposable
{
    public unsafe FlushOptions()
    {
        Handle = new NativeHandle(
            Native.rocksdb_flushoptions_create(), &Native.rocksdb_flushoptions_destroy, owner: null);
    }

    internal NativeHandle Handle { get; }

    /// <summary>Returns only when the file is written. On by default.</summary>
    public FlushOptions SetWaitForFlush(bool waitForFlush)
    {
        Native.rocksdb_flushoptions_set_wait(Handle.Pointer, waitForFlush ? (byte)1 : (byte)0);
        return this;
    }

    public void Dispose() => Handle.Dispose();
}
