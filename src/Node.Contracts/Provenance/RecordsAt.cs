using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Finds records as they were at a height of the chain, or as they are.</summary>
/// <remarks>
/// <para>At a height, what was written in its block or later is not there: neither records, nor edges, nor newer
/// versions that would make a record outdated. A height that the chain has not reached is the present.</para>
/// <para>Owned by one call, on its thread: it remembers the newest versions of keys that were written again, so that a
/// chain of versions of one key reads that key once.</para>
/// </remarks>
/// <param name="height">Count of blocks; null for all.</param>
internal sealed class RecordsAt(IContractState state, ulong? height)
{
    private readonly Dictionary<string, Newest> _rewritten = new(StringComparer.Ordinal);

    private readonly record struct Newest(StateVersion Version, StoredRecord Record);

    /// <summary>As they are.</summary>
    public static RecordsAt Present(IContractState state) => new(state, height: null);

    /// <summary>Two point reads; a third one when the record is outdated.</summary>
    public bool TryFind(Hash32 id, [NotNullWhen(true)] out LocatedRecord? located)
    {
        bool found = state.TryGet(RecordIndex.IdKey(id), out StateEntry entry) && IsSeen(entry.Version);
        located = found ? FindAt(id, Encoding.UTF8.GetString(entry.Value.Span), entry.Version) : null;
        return located is not null;
    }

    /// <summary>The newest record of a key. One point read at present.</summary>
    public bool TryFindNewest(string key, [NotNullWhen(true)] out LocatedRecord? located)
    {
        located = null;
        if (!TryReadNewest(key, out Newest newest))
            return false;

        Hash32 id = newest.Record.Id;
        located = new LocatedRecord(id, key, newest.Version, newest.Record, id);
        return true;
    }

    /// <summary>A record whose key and version are known.</summary>
    public LocatedRecord FindAt(Hash32 id, string key, StateVersion version)
    {
        if (!_rewritten.TryGetValue(key, out Newest newest) && !TryReadNewest(key, out newest))
            throw new InvalidOperationException("A record is indexed whose key was never written.");
        Hash32 newestId = newest.Record.Id;
        if (newestId == id)
            return new LocatedRecord(id, key, version, newest.Record, id);

        _rewritten[key] = newest;
        return new LocatedRecord(id, key, version, FindPast(id, key, version, newest), newestId);
    }

    /// <summary>Those derived from a record, in the order of their ids. Lazy.</summary>
    public IEnumerable<(Hash32 Child, string Key, StateVersion Version)> Children(Hash32 parent)
    {
        foreach (StateEntry edge in state.ByPartialCompositeKey(RecordIndex.EdgeType, parent.ToString()))
        {
            if (!IsSeen(edge.Version))
                continue;

            ReadOnlySpan<char> id = edge.Key.AsSpan()[^(TxId.Chars + 1)..^1];
            if (!Hash32.TryParseHex(id, out Hash32 child))
                throw new InvalidOperationException("An edge's key does not end in a record id.");
            yield return (child, Encoding.UTF8.GetString(edge.Value.Span), edge.Version);
        }
    }

    /// <summary>A record that is not its key's newest: of an earlier transaction, or earlier in the same one.</summary>
    private StoredRecord FindPast(Hash32 id, string key, StateVersion version, in Newest newest)
    {
        StoredRecord record = newest.Record;
        if (newest.Version != version)
            record = state.TryGetHistoryAt(key, version, out HistoryEntry? past)
                ? RecordIndex.Read(past.Value, key)
                : throw new InvalidOperationException("A record is indexed whose write is not in its key's history.");
        return record.Id == id ? record : RecordIndex.FindSuperseded(state, id, key);
    }

    private bool TryReadNewest(string key, out Newest newest)
    {
        newest = default;
        if (!state.TryGet(key, out StateEntry entry))
            return false;
        if (IsSeen(entry.Version))
        {
            newest = NewestOf(entry.Version, entry.Value, key);
            return true;
        }

        // Never null here: without a height everything is seen.
        var bound = new StateVersion(height ?? 0, 0);
        foreach (HistoryEntry past in state.History(key, newestFirst: true, after: bound))
        {
            if (!past.IsDelete)
                newest = NewestOf(past.Version, past.Value, key);
            return !past.IsDelete;
        }

        return false;
    }

    private static Newest NewestOf(StateVersion version, ReadOnlyMemory<byte> value, string key) =>
        new(version, RecordIndex.Read(value, key));

    private bool IsSeen(StateVersion version) => height is not { } count || version.Block < count;
}
