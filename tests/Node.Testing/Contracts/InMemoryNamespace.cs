using Node.Contracts;
using Node.Protocol;

namespace Node.Testing.Contracts;

/// <summary>
/// The committed state of one contract's namespace, in memory: what <see cref="InMemoryState"/> simulates on.
/// </summary>
public sealed class InMemoryNamespace
{
    internal SortedDictionary<string, StateEntry> Current { get; } = new(Utf8Order.Comparer);

    internal Dictionary<string, List<HistoryEntry>> Past { get; } = new(StringComparer.Ordinal);

    internal Dictionary<(string Collection, string Key), Hash32> PrivateHashes { get; } = [];

    internal Dictionary<(string Key, string Name), ReadOnlyMemory<byte>> Metadata { get; } = [];

    /// <summary>Count of blocks. The next commit makes the block of this number.</summary>
    public ulong Height { get; private set; } = 1;

    public IEnumerable<string> Keys => Current.Keys;

    /// <summary>The value of a key that is there, in lower-case hex.</summary>
    public string Hex(string key) => Convert.ToHexStringLower(Current[key].Value.Span);

    /// <summary>Makes the writes of one block durable, one transaction per simulation, in this order.</summary>
    public void Commit(params (TxId Id, DateTimeOffset Timestamp, InMemoryState State)[] transactions)
    {
        uint index = 0;
        foreach ((TxId id, DateTimeOffset timestamp, InMemoryState state) in transactions)
            Apply(id, timestamp, state, new StateVersion(Height, index++));
        Height++;
    }

    /// <summary>True when everything this simulation read is still as it read it, ranges included.</summary>
    public bool IsCurrent(InMemoryState state)
    {
        foreach ((string key, StateVersion? version) in state.Reads)
        {
            StateVersion? now = Current.TryGetValue(key, out StateEntry entry) ? entry.Version : null;
            if (now != version)
                return false;
        }

        foreach ((string start, string end, List<(string, StateVersion)> read) in state.Ranges)
        {
            var now = new InMemoryState(this).ReadRange(start, end).Select(e => (e.Key, e.Version));
            if (!read.SequenceEqual(now.Take(read.Count)))
                return false;
        }

        return true;
    }

    private void Apply(TxId id, DateTimeOffset timestamp, InMemoryState state, StateVersion version)
    {
        foreach ((string key, ReadOnlyMemory<byte> value) in state.Writes)
        {
            bool isDelete = value.IsEmpty;
            if (isDelete)
                Current.Remove(key);
            else
                Current[key] = new StateEntry(key, value, version);

            if (!Past.TryGetValue(key, out List<HistoryEntry>? versions))
                Past[key] = versions = [];
            versions.Add(new HistoryEntry(version, id, timestamp, isDelete, value));
        }

        foreach (((string Collection, string Key) place, ReadOnlyMemory<byte> value) in state.PrivateWrites)
            PrivateHashes[place] = Hash32.Of(value.Span);
        foreach (((string Key, string Name) place, ReadOnlyMemory<byte> value) in state.MetadataWrites)
            Metadata[place] = value;
    }
}
