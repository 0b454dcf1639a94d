using System.Security.Cryptography;
using System.Text;
using Node.Ledger;
using Node.Ledger.Storage;
using Node.Peer.Committing;
using Node.Protocol;

namespace Node.Simulation.Disks;

/// <summary>The disk of one host: its databases, what of them a crash keeps, how long a write takes.</summary>
/// <remarks>
/// A crash keeps what was synced, everything before that, and of the rest a part that comes first: the promise of one
/// write-ahead log. The time that writes take is gathered here and passes for the host that wrote.
/// </remarks>
internal sealed class SimulatedDisk(Chance chance) : IStorageEngine
{
    private const int LedgerFamilies = 7;
    private const int OrdererFamilies = 3;
    private const long TotalBytes = 1L << 30;

    private readonly SortedDictionary<string, MemoryStorage> _databases = new(StringComparer.Ordinal);
    private TimeSpan _spent;

    public DiskFaults Faults { get; } = new();

    public DiskSpace Space => new(Math.Min(Faults.FreeBytes, TotalBytes), TotalBytes);

    public IStorage OpenLedger(string folder, LedgerOptions options) => Open(folder, LedgerFamilies);

    public IStorage OpenOrderer(string folder) => Open(folder, OrdererFamilies);

    /// <summary>Power is cut.</summary>
    public void Crash()
    {
        _spent = TimeSpan.Zero;
        foreach (MemoryStorage database in _databases.Values)
            database.Crash(chance);
    }

    /// <summary>What an operator would copy now, of all databases.</summary>
    public IReadOnlyDictionary<string, DiskImage> Copy() =>
        _databases.ToDictionary(pair => pair.Key, pair => pair.Value.Durable, StringComparer.Ordinal);

    /// <summary>Puts a copy back. Nothing may be open.</summary>
    public void Restore(IReadOnlyDictionary<string, DiskImage> copy)
    {
        foreach ((string folder, MemoryStorage database) in _databases)
        {
            if (copy.TryGetValue(folder, out DiskImage? image))
                database.Restore(image);
        }
    }

    /// <summary>Adds all that its databases hold now.</summary>
    public void AddTo(IncrementalHash hash)
    {
        foreach ((string folder, MemoryStorage database) in _databases)
        {
            DiskHash.Add(hash, Encoding.UTF8.GetBytes(folder));
            database.Current.AddTo(hash);
        }
    }

    /// <summary>The time of all writes since the last call.</summary>
    public TimeSpan TakeTimeSpent()
    {
        TimeSpan spent = _spent;
        _spent = TimeSpan.Zero;
        return spent;
    }

    /// <summary>Decides what becomes of one write.</summary>
    /// <param name="lands">Whether it is on the disk; only of interest when it fails.</param>
    /// <returns>Why it fails; null when it does not.</returns>
    internal string? FaultOfWrite(MemoryBatch batch, WriteDurability durability, out bool lands)
    {
        if (durability == WriteDurability.Synced)
            _spent += chance.Between(Faults.SyncTimeMin, Faults.SyncTimeMax);

        lands = false;
        if (batch.Bytes > Faults.FreeBytes)
            return "the disk is full";
        if (!chance.Happens(Faults.FailingWrites))
            return null;

        lands = chance.Happens(0.5);
        return "the write failed";
    }

    private MemoryStorage Open(string folder, int families)
    {
        if (!_databases.TryGetValue(folder, out MemoryStorage? database))
            _databases.Add(folder, database = new MemoryStorage(folder, families, this));
        if (chance.Happens(Faults.FailingWrites))
            throw new StorageFailedException("open", folder, "the disk failed", inner: null);

        database.Open();
        return database;
    }
}
