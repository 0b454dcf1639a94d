using System.Runtime.InteropServices;

namespace RocksDbSharp;

/// <summary>The engine's C functions: options, caches, filters.</summary>
internal static unsafe partial class Native
{
    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_options_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_create_if_missing(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_create_missing_column_families(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_error_if_exists(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_paranoid_checks(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_info_log_level(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_open_files(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_file_opening_threads(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_total_wal_size(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_wal_recovery_mode(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_wal_compression(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_skip_stats_update_on_db_open(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_background_jobs(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_log_file_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_log_file_time_to_roll(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_keep_log_file_num(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_recycle_log_file_num(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_manifest_file_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_use_fsync(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_WAL_ttl_seconds(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_WAL_size_limit_MB(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_manual_wal_flush(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_manifest_preallocation_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_stats_dump_period_sec(nint options, uint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_db_write_buffer_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_bytes_per_sync(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_wal_bytes_per_sync(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_allow_mmap_reads(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_use_direct_reads(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_atomic_flush(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_allow_concurrent_memtable_write(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_enable_pipelined_write(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_unordered_write(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_write_buffer_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_write_buffer_number(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_min_write_buffer_number_to_merge(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_compression(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_bottommost_compression(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_compaction_style(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_num_levels(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_level0_file_num_compaction_trigger(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_level0_slowdown_writes_trigger(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_level0_stop_writes_trigger(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_target_file_size_base(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_target_file_size_multiplier(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_bytes_for_level_base(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_max_bytes_for_level_multiplier(nint options, double value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_level_compaction_dynamic_level_bytes(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_disable_auto_compactions(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_optimize_filters_for_hits(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_memtable_whole_key_filtering(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_memtable_prefix_bloom_size_ratio(nint options, double value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_enable_blob_files(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_min_blob_size(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_file_size(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_compression_type(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_enable_blob_gc(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_gc_age_cutoff(nint options, double value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_gc_force_threshold(nint options, double value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_compaction_readahead_size(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_blob_file_starting_level(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_set_block_based_table_factory(nint options, nint value);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void rocksdb_options_set_wal_dir(nint options, string value);

    [LibraryImport(RocksDbLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void rocksdb_options_set_db_log_dir(nint options, string value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_increase_parallelism(nint options, int threads);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_optimize_for_point_lookup(nint options, ulong blockCacheMegabytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_optimize_level_style_compaction(nint options, ulong memtableBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_options_enable_statistics(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_options_statistics_get_string(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_block_based_options_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_block_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_block_restart_interval(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_filter_policy(nint options, nint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_no_block_cache(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_block_cache(nint options, nint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_whole_key_filtering(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_format_version(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_index_type(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_cache_index_and_filter_blocks(
        nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(
        nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(
        nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_pin_top_level_index_and_filter(
        nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_partition_filters(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_metadata_block_size(nint options, ulong value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_data_block_index_type(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_block_based_options_set_data_block_hash_ratio(nint options, double value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_filterpolicy_create_bloom(double bitsPerKey);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_filterpolicy_create_bloom_full(double bitsPerKey);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_cache_create_lru(nuint capacity);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_lru_cache_options_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_lru_cache_options_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_lru_cache_options_set_capacity(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_lru_cache_options_set_num_shard_bits(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_cache_create_lru_opts(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_cache_destroy(nint cache);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nuint rocksdb_cache_get_usage(nint cache);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nuint rocksdb_cache_get_pinned_usage(nint cache);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_cache_set_capacity(nint cache, nuint capacity);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_readoptions_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_verify_checksums(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_fill_cache(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_snapshot(nint options, nint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_read_tier(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_tailing(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_readahead_size(nint options, nuint value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_pin_data(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_total_order_seek(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_prefix_same_as_start(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_background_purge_on_iterator_cleanup(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_ignore_range_deletions(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_iterate_upper_bound(nint options, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_readoptions_set_iterate_lower_bound(nint options, byte* key, nuint keyBytes);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_writeoptions_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writeoptions_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writeoptions_set_sync(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writeoptions_disable_WAL(nint options, int value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writeoptions_set_no_slowdown(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_writeoptions_set_low_pri(nint options, byte value);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial nint rocksdb_flushoptions_create();

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_flushoptions_destroy(nint options);

    [LibraryImport(RocksDbLibrary.Name)]
    internal static partial void rocksdb_flushoptions_set_wait(nint options, byte value);
}
