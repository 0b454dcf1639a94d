namespace RocksDbSharp;

/// <summary>
/// A set of the engine's options. Opening copies it; changes afterwards have no effect on an open database.
/// </summary>
public abstract class OptionsHandle : IDisposable
{
    private protected unsafe OptionsHandle()
    {
        Handle = new NativeHandle(
            Native.rocksdb_options_create(), &Native.rocksdb_options_destroy, owner: null);
    }

    internal NativeHandle Handle { get; }

    internal nint Pointer => Handle.Pointer;

    public void Dispose()
    {
        Handle.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>
/// Options with chained setters. Units are in the summaries; what is not set keeps the engine's default.
/// </summary>
/// <remarks>Not for use by two threads at once.</remarks>
public abstract partial class Options<T> : OptionsHandle
    where T : Options<T>
{
}

/// <summary>Options of a database, and of its default column family where none are given.</summary>
public sealed class DbOptions : Options<DbOptions>
{
}

/// <summary>Options of one column family. Settings that concern the whole database are ignored here.</summary>
public sealed class ColumnFamilyOptions : Options<ColumnFamilyOptions>
{
}
