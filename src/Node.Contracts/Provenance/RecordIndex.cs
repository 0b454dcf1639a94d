using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>A record, where it lies, and whether its key has been written again since.</summary>
/// <param name="NewestTxId">Who wrote the key last: <paramref name="TxId"/> itself unless outdated.</param>
internal sealed record LocatedRecord(TxId TxId, string Key, StateVersion Version, StoredRecord Record, TxId NewestTxId)
{
    public bool IsOutdated => NewestTxId != TxId;
}

/// <summary>The keys beside the records: who wrote what, and who was derived from whom.</summary>
/// <remarks>
/// <para>Item: the caller's key → record JSON.</para>
/// <para>Transaction: composite <c>txID~key</c> (txid) → the caller's key. Its version is the record's version, so one
/// point read names the record and a second one fetches it: from world state while it is current, else from
/// history.</para>
/// <para>Superseded: composite <c>superseded</c> (record id) → record JSON, where one transaction wrote a key several
/// times: the last one stands under the key, and each names the one before it as its member <c>earlier</c>.</para>
/// <para>Edge: composite <c>parent~child</c> (parent txid, child txid) → the child's key. Its version is the
/// child's.</para>
/// </remarks>
internal static class RecordIndex
{
    public const string TransactionType = "txID~key";
    public const string EdgeType = "parent~child";
    public const string SupersededType = "superseded";

    /// <summary>Two point reads; a third one when the record is outdated.</summary>
    public static bool TryFind(IContractState state, TxId id, [NotNullWhen(true)] out LocatedRecord? located)
    {
        located = null;
        if (!state.TryGet(CompositeKey.Create(TransactionType, id.Value), out StateEntry entry))
            return false;

        located = FindAt(state, id, Encoding.UTF8.GetString(entry.Value.Span), entry.Version);
        return true;
    }

    /// <summary>The newest record of a key. One point read.</summary>
    public static bool TryFindNewest(IContractState state, string key, [NotNullWhen(true)] out LocatedRecord? located)
    {
        located = null;
        if (!state.TryGet(key, out StateEntry entry))
            return false;

        StoredRecord record = Read(entry.Value, key);
        TxId id = IdOf(record, key);
        located = new LocatedRecord(id, key, entry.Version, record, id);
        return true;
    }

    /// <summary>The record that a transaction wrote, when its key and version are known.</summary>
    public static LocatedRecord FindAt(IContractState state, TxId id, string key, StateVersion version)
    {
        if (!state.TryGet(key, out StateEntry newest))
            throw new InvalidOperationException("A transaction is indexed whose key was never written.");

        StoredRecord current = Read(newest.Value, key);
        TxId newestId = IdOf(current, key);
        if (newestId == id)
            return new LocatedRecord(id, key, version, current, id);

        ReadOnlyMemory<byte> value = newest.Value;
        if (newest.Version != version)
            value = state.TryGetHistoryAt(key, version, out HistoryEntry? past)
                ? past.Value
                : throw new InvalidOperationException(
                    "A transaction is indexed whose write is not in the key's history.");

        StoredRecord record = Read(value, key);
        return new LocatedRecord(
            id, key, version, IdOf(record, key) == id ? record : FindSuperseded(state, id, key), newestId);
    }

    /// <summary>A record that a later one of its own transaction replaced under its key.</summary>
    public static StoredRecord FindSuperseded(IContractState state, TxId id, string key) =>
        state.TryGet(CompositeKey.Create(SupersededType, id.Value), out StateEntry entry)
            ? Read(entry.Value, key)
            : throw new InvalidOperationException("A record is indexed that is neither current, past nor superseded.");

    /// <summary>Those derived from a record, in the order of their transaction ids. Lazy.</summary>
    public static IEnumerable<(TxId Child, string Key, StateVersion Version)> Children(
        IContractState state, TxId parent)
    {
        foreach (StateEntry edge in state.ByPartialCompositeKey(EdgeType, parent.Value))
        {
            bool split = CompositeKey.TrySplit(edge.Key, out _, out string[]? parts);
            if (!split || !TxId.TryParse(parts![^1], out TxId child, out _))
                throw new InvalidOperationException("An edge's key does not end in a transaction id.");
            yield return (child, Encoding.UTF8.GetString(edge.Value.Span), edge.Version);
        }
    }

    /// <summary>Keeps a record that a later one of the same transaction replaces under its key.</summary>
    public static void WriteSuperseded(IContractState state, TxId id, ReadOnlyMemory<byte> record) =>
        state.Put(CompositeKey.Create(SupersededType, id.Value), record);

    /// <returns>The bytes of all keys and values.</returns>
    public static long Write(
        IContractState state, TxId id, string key, ReadOnlyMemory<byte> record, IReadOnlyList<TxId> parents)
    {
        const int CompositeBytesMax = (2 * TxId.Chars) + 32;
        byte[] keyBytes = Encoding.UTF8.GetBytes(key);
        state.Put(key, record);
        state.Put(CompositeKey.Create(TransactionType, id.Value), keyBytes);
        foreach (TxId parent in parents)
            state.Put(CompositeKey.Create(EdgeType, parent.Value, id.Value), keyBytes);
        return record.Length + keyBytes.Length + ((1L + parents.Count) * (CompositeBytesMax + keyBytes.Length));
    }

    /// <summary>Reads what this contract wrote under <paramref name="key"/>.</summary>
    public static StoredRecord Read(ReadOnlyMemory<byte> value, string key)
    {
        if (!StoredRecord.TryRead(value, out StoredRecord? record))
            throw new InvalidOperationException($"What is stored under {Quoted.Text(key)} is no record.");
        return record;
    }

    private static TxId IdOf(StoredRecord record, string key)
    {
        if (!TxId.TryParse(record.TxId.Span, out TxId id, out string? fault))
            throw new InvalidOperationException($"The record under {Quoted.Text(key)}: {fault}.");
        return id;
    }
}
