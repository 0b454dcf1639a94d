using System.Text;
using Node.Ledger.Validation;
using Node.Protocol;

namespace Node.Ledger.Simulating;

/// <summary>What one run read and wrote in one namespace.</summary>
internal sealed class NamespaceRecord
{
    private SortedDictionary<string, SortedDictionary<string, byte[]>>? _metadata;
    private SortedDictionary<string, CollectionRecord>? _collections;

    /// <summary>Null: the key was not there.</summary>
    public SortedDictionary<string, StateVersion?> Reads { get; } = new(Utf8Order.Instance);

    /// <summary>Empty: a delete.</summary>
    public SortedDictionary<string, byte[]> Writes { get; } = new(Utf8Order.Instance);

    /// <summary>In the order of the calls.</summary>
    public List<RangeRecord> Ranges { get; } = [];

    public IEnumerable<KeyValuePair<string, SortedDictionary<string, byte[]>>> MetadataWrites => _metadata ?? [];

    public IEnumerable<KeyValuePair<string, CollectionRecord>> Collections => _collections ?? [];

    public bool HasWrites =>
        Writes.Count > 0 || _metadata is not null || (_collections?.Values.Any(one => one.Writes.Count > 0) ?? false);

    /// <summary>The metadata entries that are to be set on a key, by name.</summary>
    public SortedDictionary<string, byte[]> Metadata(string key)
    {
        _metadata ??= new(Utf8Order.Instance);
        if (!_metadata.TryGetValue(key, out SortedDictionary<string, byte[]>? entries))
            _metadata.Add(key, entries = new(Utf8Order.Instance));

        return entries;
    }

    public CollectionRecord Collection(string name)
    {
        _collections ??= new(Utf8Order.Instance);
        if (!_collections.TryGetValue(name, out CollectionRecord? record))
            _collections.Add(name, record = new CollectionRecord());

        return record;
    }
}

/// <summary>What one run read and wrote in one private collection.</summary>
internal sealed class CollectionRecord
{
    /// <summary>By the hash of the key.</summary>
    public SortedDictionary<Hash32, StateVersion?> Reads { get; } = [];

    /// <summary>By the key itself, which stays here.</summary>
    public SortedDictionary<string, byte[]> Writes { get; } = new(Utf8Order.Instance);
}

/// <summary>One range as far as it was enumerated.</summary>
internal sealed class RangeRecord(string startKey, string endKey, RangeSummary reads)
{
    private string? _lastKey;

    public string StartKey => startKey;

    /// <summary>The end asked for once exhausted, else the last key that was returned.</summary>
    public string EndKey => IsExhausted ? endKey : _lastKey ?? "";

    public bool IsExhausted { get; set; }

    /// <summary>False until the first result or the end: nothing was learned from it.</summary>
    public bool WasUsed => IsExhausted || _lastKey is not null;

    public RangeSummary Reads => reads;

    public void Add(in StateRecord record)
    {
        _lastKey = record.Key;
        reads.Add(Encoding.UTF8.GetBytes(record.Key), record.Value.Version);
    }
}
