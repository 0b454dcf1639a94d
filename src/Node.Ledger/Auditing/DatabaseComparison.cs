using System.Buffers.Binary;
using Node.Ledger.History;
using Node.Ledger.State;
using Node.Ledger.Storage;

namespace Node.Ledger.Auditing;

/// <summary>Compares a ledger's records with those that a replay of its blocks gave, key by key.</summary>
internal sealed class DatabaseComparison(LedgerDatabase stored, LedgerDatabase replayed)
{
    private const string Operation = "compare with the replay";

    private delegate ulong? BlockOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>The difference that belongs to the lowest block; null when there is none.</summary>
    public AuditFault? FirstFault(ulong height)
    {
        AuditFault?[] faults =
        [
            CompareFamily("state", stored.State, replayed.State, BlockOfState),
            CompareFamily("history", stored.History, replayed.History, BlockOfHistory),
            CompareFamily("transaction index", stored.TxIds, replayed.TxIds, BlockOfNumber),
            CompareFamily("block hash index", stored.Hashes, replayed.Hashes, BlockOfNumber),
            CompareFamily("chain tree", stored.Tree, replayed.Tree, (_, _) => null),
            CompareFamily("savepoint", stored.Meta, replayed.Meta, (_, _) => null),
            FaultOfBlocksBeyond(height),
        ];
        return faults.Where(fault => fault is not null).MinBy(fault => fault?.Block ?? ulong.MaxValue);
    }

    private AuditFault? CompareFamily(
        string what, StorageFamily storedFamily, StorageFamily replayedFamily, BlockOf blockOf)
    {
        using StorageIterator left = stored.NewIterator(storedFamily, Operation);
        using StorageIterator right = replayed.NewIterator(replayedFamily, Operation);
        left.SeekToFirst();
        right.SeekToFirst();
        AuditFault? first = null;
        while (left.Valid() || right.Valid())
        {
            int order = !left.Valid() ? 1
                : !right.Valid() ? -1
                : left.GetKeySpan().SequenceCompareTo(right.GetKeySpan());
            StorageIterator at = order <= 0 ? left : right;
            bool isSame = order == 0 && left.GetValueSpan().SequenceEqual(right.GetValueSpan());
            ulong? block = isSame ? null : blockOf(at.GetKeySpan(), at.GetValueSpan());
            if (!isSame && (first is null || block < (first.Block ?? ulong.MaxValue)))
                first = new AuditFault(block, Describe(what, order, at.GetKeySpan()));

            if (order <= 0)
                left.Next();
            if (order >= 0)
                right.Next();
        }

        left.CheckError(Operation);
        right.CheckError(Operation);
        return first;
    }

    private static string Describe(string what, int order, ReadOnlySpan<byte> key)
    {
        string difference = order == 0 ? "differs from what its blocks give"
            : order < 0 ? "is in no block"
            : "is missing, though its block is there";
        return $"the {what} record of key {Convert.ToHexStringLower(key)} {difference}";
    }

    private AuditFault? FaultOfBlocksBeyond(ulong height)
    {
        using StorageIterator last = stored.NewIterator(stored.Blocks, Operation);
        last.SeekToLast();
        if (!last.Valid())
        {
            last.CheckError(Operation);
            return null;
        }

        ulong? number = BlockOfNumber([], last.GetKeySpan());
        return number < height ? null : new AuditFault(number, "it lies behind the savepoint");
    }

    private static ulong? BlockOfState(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        value.Length < StateRecords.VersionBytes ? null : StateRecords.VersionOf(value).Block;

    private static ulong? BlockOfHistory(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Length < StateRecords.VersionBytes ? null : HistoryKeys.VersionOf(key).Block;

    private static ulong? BlockOfNumber(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        value.Length < sizeof(ulong) ? null : BinaryPrimitives.ReadUInt64BigEndian(value);
}
