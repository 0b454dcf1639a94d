using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts;

/// <summary>
/// A contract's own namespace as one simulation sees it, and the record of what it read and would write.
/// </summary>
/// <remarks>
/// <para>Reads see the last committed block and never this call's own writes. The last write of a key wins. A read of a
/// missing key is recorded too, so that its later appearance is a read conflict.</para>
/// <para>Keys are not empty, valid Unicode, at most <see cref="Limits.KeyBytesMax"/> bytes of UTF-8, and ordered by
/// those
/// bytes. Keys that begin with U+0000 are composite (<see cref="CompositeKey"/>). Values are at most
/// <see cref="Limits.ValueBytesMax"/> bytes; an empty value deletes.</para>
/// <para>Owned by one simulation, on one thread. Sequences are lazy: enumerate them once, before the next write.</para>
/// <para>Errors: a key, bound or value outside of these rules is an <see cref="ArgumentException"/>;
/// more than <see cref="Limits.QueryResultsMax"/> results are an <see cref="InvalidOperationException"/>. Storage that
/// fails throws a <see cref="NodeException"/>, which a contract lets pass.</para>
/// </remarks>
public interface IContractState
{
    bool TryGet(string key, out StateEntry entry);

    void Put(string key, ReadOnlyMemory<byte> value);

    void Delete(string key);

    /// <summary>
    /// Entries with start ≤ key &lt; end, recorded for phantom protection as far as they were enumerated.
    /// </summary>
    /// <param name="startKey">Empty: from the first simple key. Never composite.</param>
    /// <param name="endKey">Empty: to the last key.</param>
    IEnumerable<StateEntry> Range(string startKey, string endKey);

    /// <summary>Entries whose composite key has this type and begins with these whole attributes.</summary>
    IEnumerable<StateEntry> ByPartialCompositeKey(string objectType, params string[] attributes);

    /// <summary>As above, beginning behind a key: for pages, and to leap over what is not wanted.</summary>
    /// <param name="afterKey">
    /// Not below the partial key. A partial key ‖ U+10FFFF leaps over all entries that begin with it.
    /// </param>
    IEnumerable<StateEntry> CompositeKeysAfter(string objectType, string[] attributes, string afterKey);

    /// <summary>The committed versions of a key, tombstones included. Not recorded: history only grows.</summary>
    /// <param name="newestFirst">Else oldest first.</param>
    /// <param name="after">Start behind this version, in the direction asked for. Null: from the beginning.</param>
    IEnumerable<HistoryEntry> History(string key, bool newestFirst, StateVersion? after);

    /// <summary>What one transaction wrote to a key.</summary>
    bool TryGetHistoryAt(string key, StateVersion version, [NotNullWhen(true)] out HistoryEntry? entry);

    /// <summary>Writes to a private collection: the transaction carries only hashes of key and value.</summary>
    void PutPrivate(string collection, string key, ReadOnlyMemory<byte> value);

    /// <summary>
    /// The SHA-256 of a private value, which every member knows. False when the key was never written.
    /// </summary>
    bool TryGetPrivateHash(string collection, string key, out Hash32 hash);

    bool TryGetMetadata(string key, string name, out ReadOnlyMemory<byte> value);

    /// <summary>Replaces one named metadata value of an existing key, such as its own endorsement policy.</summary>
    void PutMetadata(string key, string name, ReadOnlyMemory<byte> value);
}

/// <summary>One key of the world state.</summary>
/// <param name="Version">Where the value was written.</param>
public readonly record struct StateEntry(string Key, ReadOnlyMemory<byte> Value, StateVersion Version);

/// <summary>One committed write of a key.</summary>
/// <param name="Timestamp">That transaction's own time, UTC.</param>
/// <param name="Value">Empty when <paramref name="IsDelete"/>.</param>
public sealed record HistoryEntry(
    StateVersion Version,
    TxId TxId,
    DateTimeOffset Timestamp,
    bool IsDelete,
    ReadOnlyMemory<byte> Value);
