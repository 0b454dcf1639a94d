using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Simulation.Disks;

/// <summary>One database of a simulated disk.</summary>
/// <remarks>
/// Holds what is readable now, what a crash keeps, and the unsynced writes between the two. After a write that failed
/// it takes no other until it is opened again, as an engine whose log may be torn.
/// </remarks>
internal sealed class MemoryStorage(string folder, int families, SimulatedDisk disk) : IStorage
{
    private const int TxIdsFamily = 3;
    private const int StateFamily = 4;
    private const int LedgerFamilies = 7;

    private readonly Queue<DiskImage> _unsynced = new();   // After each unsynced write, oldest first.
    private DiskImage _durable = DiskImage.Empty(families);
    private DiskImage _current = DiskImage.Empty(families);
    private bool _isOpen;
    private bool _isBroken;

    /// <summary>What a crash keeps for certain.</summary>
    public DiskImage Durable => _durable;

    /// <summary>What is readable now.</summary>
    public DiskImage Current => _current;

    public void Open()
    {
        // Closing in good order keeps everything; a crash has decided already.
        _durable = _isBroken ? _durable : _current;
        _current = _durable;
        _unsynced.Clear();
        _isOpen = true;
        _isBroken = false;
    }

    public void Crash(Chance chance)
    {
        int kept = disk.Faults.LosesSyncedWrites ? 0 : chance.Below(_unsynced.Count + 1);
        for (; kept > 0; kept--)
            _durable = _unsynced.Dequeue();

        Restore(_durable);
    }

    public void Restore(DiskImage image)
    {
        _unsynced.Clear();
        _durable = image;
        _current = image;
        _isOpen = false;
        _isBroken = false;
    }

    public StorageBatch NewBatch() => new MemoryBatch(families);

    public byte[]? Get(ReadOnlySpan<byte> key, StorageFamily family, string operation) =>
        Read(_current, key, family, operation)?.ToArray();

    public StoredValue GetPinned(
        ReadOnlySpan<byte> key, StorageFamily family, StorageSnapshot? snapshot, string operation)
    {
        if (IsHidden(family))
            return default;

        byte[]? value = Read(ImageOf(snapshot), key, family, operation);
        return value is null ? default : new StoredValue(value);
    }

    public StorageIterator NewIterator(
        StorageFamily family,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        StorageSnapshot? snapshot,
        string operation)
    {
        RequireOpen(operation);
        SortedRecords records = ImageOf(snapshot).Family(family.Index);
        int first = lower.IsEmpty ? 0 : records.Find(lower);
        int end = upper.IsEmpty ? records.Count : records.Find(upper);
        return new MemoryIterator(records, first, Math.Max(first, end));
    }

    public StorageSnapshot CreateSnapshot() => new MemorySnapshot(_current);

    public void Write(StorageBatch batch, WriteDurability durability, string operation)
    {
        RequireOpen(operation);
        if (_isBroken)
            throw new StorageFailedException(operation, folder, "an earlier write failed", inner: null);

        var memory = (MemoryBatch)batch;
        string? fault = disk.FaultOfWrite(memory, durability, out bool lands);
        if (fault is not null)
        {
            _isBroken = true;
            _durable = lands ? _current.With(memory) : _unsynced.LastOrDefault() ?? _durable;
            _unsynced.Clear();
            throw new StorageFailedException(operation, folder, fault, inner: null);
        }

        if (disk.Faults.ChangesValues && families == LedgerFamilies)
            memory.ChangeLast(StateFamily);

        _current = _current.With(memory);
        if (durability == WriteDurability.Synced && !disk.Faults.LosesSyncedWrites)
        {
            _durable = _current;
            _unsynced.Clear();
        }
        else
        {
            _unsynced.Enqueue(_current);
        }
    }

    /// <summary>A database whose write failed keeps what was synced, and maybe that write.</summary>
    public void Dispose() => _isOpen = false;

    private byte[]? Read(DiskImage image, ReadOnlySpan<byte> key, StorageFamily family, string operation)
    {
        RequireOpen(operation);
        return image.Family(family.Index).Get(key);
    }

    private bool IsHidden(StorageFamily family) =>
        disk.Faults.ForgetsTransactionIds && families == LedgerFamilies && family.Index == TxIdsFamily;

    private DiskImage ImageOf(StorageSnapshot? snapshot) => snapshot is MemorySnapshot memory ? memory.Image : _current;

    private void RequireOpen(string operation)
    {
        if (!_isOpen)
            throw new StorageFailedException(operation, folder, "the database is closed", inner: null);
    }

    private sealed class MemorySnapshot(DiskImage image) : StorageSnapshot
    {
        public DiskImage Image => image;

        public override void Dispose()
        {
        }
    }

    private sealed class MemoryIterator(SortedRecords records, int first, int end) : StorageIterator
    {
        private int _at = -1;

        public override bool Valid() => _at >= first && _at < end;

        public override void SeekToFirst() => _at = first;

        public override void SeekToLast() => _at = end - 1;

        public override void Next() => _at++;

        public override void Prev() => _at--;

        public override ReadOnlySpan<byte> GetKeySpan() => records.Key(_at);

        public override ReadOnlySpan<byte> GetValueSpan() => records.Value(_at);

        public override void CheckError(string operation)
        {
        }

        public override void Dispose()
        {
        }
    }
}
