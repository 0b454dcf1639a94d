using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace RocksDbSharp;

/// <summary>The engine's C functions: databases, reads, writes, iteration.</summary>
/// <remarks>
/// Names are the engine's. <c>size_t</c> is <see cref="nuint"/>, <c>unsigned char</c> as truth is <see cref="byte"/>,
/// opaque pointers are <see cref="nint"/>. An <c>error</c> must be null on entry; what it receives is freed with
/// <see cref="rocksdb_free"/>. Each import is bound at its first call, so an engine that lacks a rarely used one
/// still serves the rest.
/// </remarks>
internal static unsafe partial class Native
{
    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_free(nint pointer);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rocksdb_open_column_families(
        nint options, string name, int count, nint* names, nint* columnFamilyOptions, nint* handles, nint* error);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rocksdb_open_for_read_only_column_families(
        nint options, string name, int count, nint* names, nint* columnFamilyOptions, nint* handles,
        byte errorIfWalExists, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_close(nint database);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_cancel_all_background_work(nint database, byte wait);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rocksdb_list_column_families(nint options, string name, nuint* count, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_list_column_families_destroy(nint list, nuint count);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rocksdb_create_column_family(nint database, nint options, string name, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_drop_column_family(nint database, nint columnFamily, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_column_family_handle_destroy(nint columnFamily);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial uint rocksdb_column_family_handle_get_id(nint columnFamily);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_get_pinned_cf(
        nint database, nint readOptions, nint columnFamily, byte* key, nuint keyBytes, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    [SuppressGCTransition] // Reads two fields of an object that nobody else touches.
    internal static partial byte* rocksdb_pinnableslice_value(nint slice, nuint* bytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_pinnableslice_destroy(nint slice);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_multi_get_cf(
        nint database, nint readOptions, nint* columnFamilies, nuint count, nint* keys, nuint* keyBytes,
        nint* values, nuint* valueBytes, nint* errors);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_put_cf(
        nint database, nint writeOptions, nint columnFamily, byte* key, nuint keyBytes, byte* value, nuint valueBytes,
        nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_delete_cf(
        nint database, nint writeOptions, nint columnFamily, byte* key, nuint keyBytes, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_write(nint database, nint writeOptions, nint batch, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_flush_cf(nint database, nint flushOptions, nint columnFamily, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_flush_wal(nint database, byte sync, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_compact_range_cf(
        nint database, nint columnFamily, byte* start, nuint startBytes, byte* limit, nuint limitBytes);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rocksdb_property_value_cf(nint database, nint columnFamily, string name);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial ulong rocksdb_get_latest_sequence_number(nint database);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void rocksdb_destroy_db(nint options, string name, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_create_snapshot(nint database);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_release_snapshot(nint database, nint snapshot);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_checkpoint_object_create(nint database, nint* error);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void rocksdb_checkpoint_create(
        nint checkpoint, string path, ulong walBytesForFlush, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_checkpoint_object_destroy(nint checkpoint);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_create_iterator_cf(nint database, nint readOptions, nint columnFamily);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_destroy(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    [SuppressGCTransition] // Reads one flag.
    internal static partial byte rocksdb_iter_valid(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_seek_to_first(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_seek_to_last(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_seek(nint iterator, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_seek_for_prev(nint iterator, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_next(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_prev(nint iterator);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial byte* rocksdb_iter_key(nint iterator, nuint* bytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial byte* rocksdb_iter_value(nint iterator, nuint* bytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_iter_get_error(nint iterator, nint* error);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_writebatch_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_writebatch_create_from(byte* data, nuint bytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_destroy(nint batch);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_clear(nint batch);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial int rocksdb_writebatch_count(nint batch);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial byte* rocksdb_writebatch_data(nint batch, nuint* bytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_put(
        nint batch, byte* key, nuint keyBytes, byte* value, nuint valueBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_put_cf(
        nint batch, nint columnFamily, byte* key, nuint keyBytes, byte* value, nuint valueBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_putv(
        nint batch, int keyParts, byte** keys, nuint* keyBytes, int valueParts, byte** values, nuint* valueBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_putv_cf(
        nint batch, nint columnFamily, int keyParts, byte** keys, nuint* keyBytes, int valueParts, byte** values,
        nuint* valueBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_delete(nint batch, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_delete_cf(nint batch, nint columnFamily, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_delete_range(
        nint batch, byte* start, nuint startBytes, byte* end, nuint endBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writebatch_delete_range_cf(
        nint batch, nint columnFamily, byte* start, nuint startBytes, byte* end, nuint endBytes);
}
