using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace RocksDbSharp;

// Opening, column families, upkeep: what happens seldom.
public sealed unsafe partial class RocksDb
{
    /// <summary>Opens a database that has no column family but the default one.</summary>
    /// <exception cref="RocksDbException">It is missing, damaged, locked by another, or has further
    /// families.</exception>
    public static RocksDb Open(OptionsHandle options, string path) =>
        Open(options, path, [ColumnFamilies.DefaultName], [options], errorIfWalExists: null);

    /// <summary>Opens a database with these column families, which must be all that it has.</summary>
    /// <exception cref="RocksDbException">It is missing, damaged or locked by another, or a family is missing or not
    /// named.</exception>
    public static RocksDb Open(DbOptions options, string path, ColumnFamilies columnFamilies) =>
        Open(options, path, NamesOf(columnFamilies), OptionsOf(columnFamilies), errorIfWalExists: null);

    /// <summary>Opens for reading, beside a process that writes; sees the state at this moment. Writes fail.</summary>
    public static RocksDb OpenReadOnly(OptionsHandle options, string path, bool errorIfLogFileExists) =>
        Open(options, path, [ColumnFamilies.DefaultName], [options], errorIfLogFileExists);

    /// <summary>As above, with these column families, which need not be all.</summary>
    public static RocksDb OpenReadOnly(
        DbOptions options, string path, ColumnFamilies columnFamilies, bool errIfLogFileExists) =>
        Open(options, path, NamesOf(columnFamilies), OptionsOf(columnFamilies), errIfLogFileExists);

    /// <summary>The names of all column families of a database that need not be open.</summary>
    /// <exception cref="RocksDbException">There is no database, or its manifest is damaged.</exception>
    public static IEnumerable<string> ListColumnFamilies(DbOptions options, string name)
    {
        ArgumentNullException.ThrowIfNull(options);
        using NativeHandle.Lease lease = options.Handle.Acquire();
        nint error = 0;
        nuint count = 0;
        nint list = Native.rocksdb_list_column_families(lease.Pointer, CheckText(name), &count, &error);
        RocksDbException.ThrowIfError(error);
        var names = new string[checked((int)count)];
        for (int index = 0; index < names.Length; index++)
            names[index] = Marshal.PtrToStringUTF8(((nint*)list)[index]) ?? "";

        Native.rocksdb_list_column_families_destroy(list, count);
        return names;
    }

    /// <summary>Deletes a closed database and all its files.</summary>
    public static void DestroyDb(DbOptions options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        using NativeHandle.Lease lease = options.Handle.Acquire();
        nint error = 0;
        Native.rocksdb_destroy_db(lease.Pointer, CheckText(path), &error);
        RocksDbException.ThrowIfError(error);
    }

    public ColumnFamilyHandle CreateColumnFamily(ColumnFamilyOptions cfOptions, string name)
    {
        ArgumentNullException.ThrowIfNull(cfOptions);
        using NativeHandle.Lease database = _handle.Acquire();
        using NativeHandle.Lease options = cfOptions.Handle.Acquire();
        nint error = 0;
        nint family = Native.rocksdb_create_column_family(database.Pointer, options.Pointer, CheckText(name), &error);
        RocksDbException.ThrowIfError(error);
        var handle = new ColumnFamilyHandle(name, family, _handle);
        lock (_familiesLock)
            _columnFamilies.Add(name, handle);

        return handle;
    }

    /// <summary>Drops a column family with all its keys. Iterators over it go on to their end.</summary>
    public void DropColumnFamily(string name)
    {
        ColumnFamilyHandle handle = GetColumnFamily(name);
        using (NativeHandle.Lease family = handle.Handle.Acquire())
        {
            nint error = 0;
            Native.rocksdb_drop_column_family(_handle.Pointer, family.Pointer, &error);
            RocksDbException.ThrowIfError(error);
        }

        lock (_familiesLock)
            _columnFamilies.Remove(name);

        handle.Handle.Dispose();
    }

    public ColumnFamilyHandle GetDefaultColumnFamily() => _default;

    /// <exception cref="KeyNotFoundException">No column family of this name is open.</exception>
    public ColumnFamilyHandle GetColumnFamily(string name) =>
        TryGetColumnFamily(name, out ColumnFamilyHandle? handle)
            ? handle
            : throw new KeyNotFoundException($"No column family '{name}' is open in {Path}.");

    public bool TryGetColumnFamily(string name, [NotNullWhen(true)] out ColumnFamilyHandle? handle)
    {
        lock (_familiesLock)
            return _columnFamilies.TryGetValue(name, out handle);
    }

    /// <summary>Writes a memtable to a table file. Durable when it returns, if the options wait.</summary>
    public void Flush(FlushOptions flushOptions, ColumnFamilyHandle? cf = null)
    {
        ArgumentNullException.ThrowIfNull(flushOptions);
        using NativeHandle.Lease family = FamilyOf(cf).Acquire();
        using NativeHandle.Lease options = flushOptions.Handle.Acquire();
        nint error = 0;
        Native.rocksdb_flush_cf(DatabaseOf(cf), options.Pointer, family.Pointer, &error);
        RocksDbException.ThrowIfError(error);
    }

    /// <summary>Hands buffered log bytes to the system, and with <paramref name="sync"/> to the device.</summary>
    public void FlushWal(bool sync)
    {
        using NativeHandle.Lease database = _handle.Acquire();
        nint error = 0;
        Native.rocksdb_flush_wal(database.Pointer, sync ? (byte)1 : (byte)0, &error);
        RocksDbException.ThrowIfError(error);
    }

    /// <summary>Merges all files that hold keys of the range, and returns when done.</summary>
    /// <param name="start">Null or empty is before the first key.</param>
    /// <param name="limit">Null or empty is after the last key.</param>
    public void CompactRange(byte[]? start, byte[]? limit, ColumnFamilyHandle? cf = null)
    {
        using NativeHandle.Lease family = FamilyOf(cf).Acquire();

        fixed (byte* startBytes = start, limitBytes = limit)
        {
            Native.rocksdb_compact_range_cf(
                DatabaseOf(cf), family.Pointer, startBytes, (nuint)(start?.Length ?? 0), limitBytes,
                (nuint)(limit?.Length ?? 0));
        }
    }

    /// <summary>A property of the engine such as <c>rocksdb.stats</c>; null when it knows none of that name.</summary>
    public string? GetProperty(string propertyName) => GetProperty(propertyName, _default);

    public string? GetProperty(string propertyName, ColumnFamilyHandle cf)
    {
        ArgumentNullException.ThrowIfNull(cf);
        using NativeHandle.Lease family = cf.Handle.Acquire();
        return TakeText(Native.rocksdb_property_value_cf(DatabaseOf(cf), family.Pointer, CheckText(propertyName)));
    }

    /// <summary>The number of the last write; each entry of a batch counts one.</summary>
    public ulong GetLatestSequenceNumber()
    {
        using NativeHandle.Lease database = _handle.Acquire();
        return Native.rocksdb_get_latest_sequence_number(database.Pointer);
    }

    /// <summary>Stops flushes and compactions for good, ahead of closing.</summary>
    public void CancelAllBackgroundWork(bool wait)
    {
        using NativeHandle.Lease database = _handle.Acquire();
        Native.rocksdb_cancel_all_background_work(database.Pointer, wait ? (byte)1 : (byte)0);
    }

    /// <summary>Refuses a text that C would cut off at its first zero.</summary>
    internal static string CheckText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A name for the engine cannot contain a zero character.", nameof(text))
            : text;
    }

    /// <summary>Copies and frees a text of the engine.</summary>
    internal static string? TakeText(nint text)
    {
        string? copy = Marshal.PtrToStringUTF8(text);
        Native.rocksdb_free(text);
        return copy;
    }

    private static string[] NamesOf(ColumnFamilies columnFamilies)
    {
        ArgumentNullException.ThrowIfNull(columnFamilies);
        return [.. columnFamilies.Names];
    }

    private static OptionsHandle[] OptionsOf(ColumnFamilies columnFamilies) =>
        [.. columnFamilies.Select(descriptor => descriptor.Options)];

    /// <param name="errorIfWalExists">Null opens for writing.</param>
    private static RocksDb Open(
        OptionsHandle options, string path, string[] names, OptionsHandle[] familyOptions, bool? errorIfWalExists)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckText(path);
        var nameTexts = new nint[names.Length];
        var optionPointers = new nint[names.Length];
        var families = new nint[names.Length];
        nint database;
        nint error = 0;
        try
        {
            for (int index = 0; index < names.Length; index++)
            {
                nameTexts[index] = Marshal.StringToCoTaskMemUTF8(names[index]);
                optionPointers[index] = familyOptions[index].Pointer;
            }

            fixed (nint* name = nameTexts, option = optionPointers, family = families)
            {
                database = errorIfWalExists is { } refuse
                    ? Native.rocksdb_open_for_read_only_column_families(
                        options.Pointer, path, names.Length, name, option, family, refuse ? (byte)1 : (byte)0, &error)
                    : Native.rocksdb_open_column_families(
                        options.Pointer, path, names.Length, name, option, family, &error);
            }
        }
        finally
        {
            foreach (nint text in nameTexts)
                Marshal.FreeCoTaskMem(text);

            GC.KeepAlive(options);
            GC.KeepAlive(familyOptions);
        }

        RocksDbException.ThrowIfError(error);
        var handle = new NativeHandle(database, &Native.rocksdb_close, owner: null);
        var byName = new Dictionary<string, ColumnFamilyHandle>(StringComparer.Ordinal);
        for (int index = 0; index < names.Length; index++)
            byName.Add(names[index], new ColumnFamilyHandle(names[index], families[index], handle));

        return new RocksDb(handle, path, byName);
    }
}
