using Node.Ledger.State;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Ledger.Validation;

/// <summary>Reads the committed state for a committer: versions, whole records, ranges. Owned by it.</summary>
internal sealed class StateReader(LedgerDatabase database)
{
    private const string Operation = "read the world state";

    /// <summary>The version alone, without copying the value.</summary>
    public bool TryGetVersion(ReadOnlySpan<byte> stateKey, out StateVersion version)
    {
        using StoredValue value = database.GetPinned(stateKey, database.State, snapshot: null, Operation);
        version = default;
        if (!value.Found)
            return false;
        if (value.Bytes.Length < StateRecords.VersionBytes)
            throw Corrupt(stateKey);

        version = StateRecords.VersionOf(value.Bytes);
        return true;
    }

    public bool TryGet(ReadOnlySpan<byte> stateKey, out StateValue value)
    {
        value = default;
        if (database.Get(stateKey, database.State, Operation) is not { } record)
            return false;

        return StateRecords.TryRead(record, out value) ? true : throw Corrupt(stateKey);
    }

    /// <summary>An iterator from start, included, to end, excluded. The caller disposes it.</summary>
    public StorageIterator Range(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end) =>
        database.NewIterator(database.State, start, end, snapshot: null, Operation);

    public static void Check(StorageIterator iterator) => iterator.CheckError(Operation);

    private LedgerCorruptException Corrupt(ReadOnlySpan<byte> stateKey) =>
        new($"the record of state key {Convert.ToHexStringLower(stateKey)}", database.Folder, blockNumber: null);
}
