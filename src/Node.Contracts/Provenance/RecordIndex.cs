using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>A record, where it lies, and whether its key has been written again since.</summary>
/// <param name="NewestId">The key's newest record: <paramref name="Id"/> itself unless outdated.</param>
internal sealed record LocatedRecord(
    Hash32 Id, string Key, StateVersion Version, StoredRecord Record, Hash32 NewestId)
{
    public bool IsOutdated => NewestId != Id;
}

/// <summary>The keys beside the records: who wrote what, and who was derived from whom.</summary>
/// <remarks>
/// <para>Item: the caller's key → record JSON.</para>
/// <para>Id: composite <c>txID~key</c> (record id) → the caller's key. Its version is the record's version, so one
/// point read names the record and a second one fetches it: from world state while it is current, else from
/// history.</para>
/// <para>Superseded: composite <c>superseded</c> (record id) → record JSON, where one transaction wrote a key several
/// times: the last one stands under the key, and each names the one before it as its member <c>earlier</c>.</para>
/// <para>Edge: composite <c>parent~child</c> (parent id, child id) → the child's key. Its version is the
/// child's.</para>
/// </remarks>
internal static class RecordIndex
{
    public const string TransactionType = "txID~key";
    public const string EdgeType = "parent~child";
    public const string SupersededType = "superseded";

    private const string IdPrefix = "\0" + TransactionType + "\0";

    /// <summary>The key of an id's entry.</summary>
    public static string IdKey(Hash32 id) => string.Create(IdPrefix.Length + TxId.Chars + 1, id, static (key, id) =>
    {
        IdPrefix.CopyTo(key);
        bool written = Convert.TryToHexStringLower(id.AsSpan(), key[IdPrefix.Length..], out _);
        Invariant.Require(written, "there is room for all digits");
        key[^1] = CompositeKey.Separator;
    });

    /// <summary>A record that a later one of its own transaction replaced under its key.</summary>
    public static StoredRecord FindSuperseded(IContractState state, Hash32 id, string key) =>
        state.TryGet(CompositeKey.Create(SupersededType, id.ToString()), out StateEntry entry)
            ? Read(entry.Value, key)
            : throw new InvalidOperationException("A record is indexed that is neither current, past nor superseded.");

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
        state.Put(IdKey(id.ToHash()), keyBytes);
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
}
