using Node.Protocol;
using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>The product's storage: one RocksDB database per folder.</summary>
internal sealed class RocksEngine : IStorageEngine
{
    public static readonly RocksEngine Instance = new();

    private const string Ledger = "the ledger";

    private RocksEngine()
    {
    }

    public IStorage OpenLedger(string folder, LedgerOptions options)
    {
        Cache cache = ColumnFamilySet.NewCache(options);
        return Open(folder, cache, () => new RocksStorage(
            folder, Ledger, ColumnFamilySet.Open(folder, options, cache), ColumnFamilySet.Names)
        {
            Cache = cache, CacheBytes = (ulong)options.CacheBytes,
        });
    }

    public IStorage OpenOrderer(string folder)
    {
        Cache cache = Cache.CreateLru(OrdererFamilySet.CacheBytes);
        return Open(folder, cache, () => new RocksStorage(
            folder, "the store", OrdererFamilySet.Open(folder, cache), OrdererFamilySet.Names)
        {
            Cache = cache, CacheBytes = OrdererFamilySet.CacheBytes,
        });
    }

    /// <summary>Opens an existing ledger beside the process that writes it, or none.</summary>
    /// <param name="logFolder">For the engine's own log; nothing is written to the ledger's folder.</param>
    public static RocksStorage OpenLedgerReadOnly(string folder, string logFolder)
    {
        try
        {
            return new RocksStorage(folder, Ledger, OpenBesideWriter(folder, logFolder), ColumnFamilySet.Names);
        }
        catch (RocksDbException error)
        {
            throw RocksStorage.Translate(error, "open", folder);
        }
    }

    private static RocksStorage Open(string folder, Cache cache, Func<RocksStorage> open)
    {
        bool isOpen = false;
        try
        {
            Directory.CreateDirectory(folder);
            RocksStorage storage = open();
            isOpen = true;
            return storage;
        }
        catch (RocksDbException error)
        {
            throw RocksStorage.Translate(error, "open", folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open", folder, error.Message, error);
        }
        finally
        {
            if (!isOpen)
                cache.Dispose();
        }
    }

    // Between reading which files there are and opening them, a writer may have replaced some. A file that is missing
    // for another reason is still missing at the last attempt.
    private static RocksDb OpenBesideWriter(string folder, string logFolder)
    {
        const int Attempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return ColumnFamilySet.OpenReadOnly(folder, logFolder);
            }
            catch (RocksDbException error) when (attempt < Attempts && IsMissingFile(error))
            {
                continue;
            }
        }
    }

    private static bool IsMissingFile(RocksDbException error) =>
        error.Message.Contains("No such file or directory", StringComparison.Ordinal);
}
