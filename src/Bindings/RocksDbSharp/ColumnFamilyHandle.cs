namespace RocksDbSharp;

/// <summary>A column family of an open database. Owned by the database: it ends with it.</summary>
public sealed class ColumnFamilyHandle
{
    internal unsafe ColumnFamilyHandle(string name, nint pointer, NativeHandle database)
    {
        Name = name;
        Database = database;
        Handle = new NativeHandle(pointer, &Native.rocksdb_column_family_handle_destroy, owner: database);
    }

    public string Name { get; }

    /// <summary>The number that the engine's files know the family by.</summary>
    public uint Id
    {
        get
        {
            using NativeHandle.Lease family = Handle.Acquire();
            return Native.rocksdb_column_family_handle_get_id(family.Pointer);
        }
    }

    internal NativeHandle Handle { get; }

    internal NativeHandle Database { get; }
}
