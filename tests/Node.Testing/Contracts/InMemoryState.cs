using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Contracts;
using Node.Protocol;

namespace Node.Testing.Contracts;

/// <summary>
/// A simulation on an <see cref="InMemoryNamespace"/> with the rules of the real one: reads see committed state only,
/// the
/// last write of a key wins, every read and range is recorded, keys are ordered by their bytes of UTF-8.
/// </summary>
public sealed class InMemoryState(InMemoryNamespace committed) : IContractState
{
    /// <summary>Keys read, and the version found; null for a missing key.</summary>
    public SortedDictionary<string, StateVersion?> Reads { get; } = new(Utf8Order.Comparer);

    public SortedDictionary<string, ReadOnlyMemory<byte>> Writes { get; } = new(Utf8Order.Comparer);

    /// <summary>Ranges as far as they were enumerated.</summary>
    public List<(string Start, string End, List<(string Key, StateVersion Version)> Read)> Ranges { get; } = [];

    public Dictionary<(string Collection, string Key), ReadOnlyMemory<byte>> PrivateWrites { get; } = [];

    public Dictionary<(string Key, string Name), ReadOnlyMemory<byte>> MetadataWrites { get; } = [];

    /// <summary>Calls of <see cref="TryGet"/>: what a real state would look up, be it the same key again.</summary>
    public int Lookups { get; private set; }

    /// <summary>Reads of history, which are not part of a read-write set.</summary>
    public int HistoryReads { get; private set; }

    public bool TryGet(string key, out StateEntry entry)
    {
        RequireKey(key);
        Lookups++;
        bool found = committed.Current.TryGetValue(key, out entry);
        Reads[key] = found ? entry.Version : null;
        return found;
    }

    public void Put(string key, ReadOnlyMemory<byte> value)
    {
        RequireKey(key);
        if (value.Length > Limits.ValueBytesMax)
            throw new ArgumentException("The value is too large.", nameof(value));
        Writes[key] = value.ToArray();
    }

    public void Delete(string key) => Put(key, default);

    public IEnumerable<StateEntry> Range(string startKey, string endKey)
    {
        if (startKey.StartsWith(CompositeKey.Separator) || endKey.StartsWith(CompositeKey.Separator))
            throw new ArgumentException("A range of simple keys has no composite bound.", nameof(startKey));
        return Recorded(startKey.Length == 0 ? "\u0001" : startKey, endKey);
    }

    public IEnumerable<StateEntry> ByPartialCompositeKey(string objectType, params string[] attributes)
    {
        string prefix = CompositeKey.Create(objectType, attributes);
        return Recorded(prefix, prefix + CompositeKey.UpperBound);
    }

    public IEnumerable<StateEntry> CompositeKeysAfter(string objectType, string[] attributes, string afterKey)
    {
        string prefix = CompositeKey.Create(objectType, attributes);
        if (string.CompareOrdinal(afterKey, 0, prefix, 0, prefix.Length) < 0)
            throw new ArgumentException("The key to begin behind lies before the partial key.", nameof(afterKey));
        return Recorded(afterKey + CompositeKey.Separator, prefix + CompositeKey.UpperBound);
    }

    public IEnumerable<HistoryEntry> History(string key, bool newestFirst, StateVersion? after)
    {
        HistoryReads++;
        IEnumerable<HistoryEntry> entries = committed.Past.GetValueOrDefault(key) ?? [];
        return newestFirst
            ? entries.Reverse().Where(entry => after is not { } bound || entry.Version < bound)
            : entries.Where(entry => after is not { } bound || entry.Version > bound);
    }

    public bool TryGetHistoryAt(string key, StateVersion version, [NotNullWhen(true)] out HistoryEntry? entry)
    {
        HistoryReads++;
        entry = committed.Past.GetValueOrDefault(key)?.Find(past => past.Version == version);
        return entry is not null;
    }

    public void PutPrivate(string collection, string key, ReadOnlyMemory<byte> value) =>
        PrivateWrites[(collection, key)] = value.ToArray();

    public bool TryGetPrivateHash(string collection, string key, out Hash32 hash) =>
        committed.PrivateHashes.TryGetValue((collection, key), out hash);

    public bool TryGetMetadata(string key, string name, out ReadOnlyMemory<byte> value) =>
        committed.Metadata.TryGetValue((key, name), out value);

    public void PutMetadata(string key, string name, ReadOnlyMemory<byte> value) =>
        MetadataWrites[(key, name)] = value.ToArray();

    /// <summary>All that a peer would compare and sign, as one text.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach ((string key, StateVersion? version) in Reads)
            text.Append("read ").Append(key).Append(' ').Append(version).Append('\n');
        foreach ((string start, string end, List<(string, StateVersion)> read) in Ranges)
            text.Append("range ").Append(start).Append(' ').Append(end).AppendJoin(',', read).Append('\n');
        foreach ((string key, ReadOnlyMemory<byte> value) in Writes)
            text.Append("write ").Append(key).Append(' ').Append(Convert.ToHexString(value.Span)).Append('\n');
        foreach (((string, string) place, ReadOnlyMemory<byte> value) in PrivateWrites)
            text.Append("private ").Append(place).Append(' ').Append(Convert.ToHexString(value.Span)).Append('\n');
        foreach (((string, string) place, ReadOnlyMemory<byte> value) in MetadataWrites)
            text.Append("metadata ").Append(place).Append(' ').Append(Convert.ToHexString(value.Span)).Append('\n');
        return text.ToString();
    }

    internal IEnumerable<StateEntry> ReadRange(string start, string end) =>
        committed.Current.Values.Where(entry =>
            Utf8Order.Compare(entry.Key, start) >= 0
            && (end.Length == 0 || Utf8Order.Compare(entry.Key, end) < 0));

    private IEnumerable<StateEntry> Recorded(string start, string end)
    {
        List<(string, StateVersion)> read = [];
        Ranges.Add((start, end, read));
        foreach (StateEntry entry in ReadRange(start, end))
        {
            read.Add((entry.Key, entry.Version));
            yield return entry;
        }
    }

    private static void RequireKey(string key)
    {
        if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > Limits.KeyBytesMax)
            throw new ArgumentException("A key is not empty and not too long.", nameof(key));
    }
}
