using System.Text;
using Node.Ledger.Simulating;
using Node.Ledger.Validation;
using Node.Protocol;

namespace Node.Ledger;

/// <summary>One run of a contract over one snapshot: answers reads and records the read-write set.</summary>
/// <remarks>
/// <para>Reads see the snapshot and never this run's own writes; the last write of a key wins. Reads of missing keys
/// are
/// recorded, too. Nothing is written anywhere.</para>
/// <para>Owns the snapshot. One thread. Sequences are lazy: a range is recorded as far as it was enumerated.</para>
/// <para>A key, bound or value outside of the limits is an <see cref="ArgumentException"/>; too many results or items
/// an
/// <see cref="InvalidOperationException"/>. Storage that fails throws a <see cref="NodeException"/>.</para>
/// </remarks>
public sealed class Simulation : IDisposable
{
    private readonly StateSnapshot _snapshot;
    private readonly bool _recordsReads;
    private readonly SortedDictionary<string, NamespaceRecord> _namespaces = new(Utf8Order.Instance);
    private int _items;

    private Simulation(StateSnapshot snapshot, bool recordsReads) =>
        (_snapshot, _recordsReads) = (snapshot, recordsReads);

    public Simulation(StateSnapshot snapshot)
        : this(snapshot, recordsReads: true)
    {
    }

    /// <summary>
    /// For a run whose read-write set nobody will look at: what it reads is not kept, which costs as much as reading
    /// it.
    /// </summary>
    public static Simulation WithoutReads(StateSnapshot snapshot) => new(snapshot, recordsReads: false);

    /// <summary>Count of the blocks that this run sees.</summary>
    public ulong Height => _snapshot.Height;

    /// <summary>Whether anything was written so far.</summary>
    public bool HasWrites => _namespaces.Values.Any(ns => ns.HasWrites);

    public bool TryGet(string ns, string key, out StateValue value)
    {
        CheckKey(key);
        bool found = _snapshot.TryGet(ns, key, out value);
        if (!_recordsReads || Record(ns).Reads.TryAdd(key, found ? value.Version : null))
            CountItem();

        return found;
    }

    /// <summary>An empty value deletes.</summary>
    public void Put(string ns, string key, ReadOnlyMemory<byte> value)
    {
        CheckKey(key);
        CheckValue(value);
        CountItem();
        Record(ns).Writes[key] = value.ToArray();
    }

    public void Delete(string ns, string key) => Put(ns, key, ReadOnlyMemory<byte>.Empty);

    /// <summary>The public keys from start, included, to end, excluded; recorded for phantom protection.</summary>
    /// <param name="startKey">Empty: from the first key, composite ones included.</param>
    /// <param name="endKey">Empty: to the last key.</param>
    public IEnumerable<StateRecord> Range(string ns, string startKey, string endKey)
    {
        CheckText(startKey);
        CheckText(endKey);
        return Enumerate(ns, startKey, endKey);
    }

    /// <summary>The committed writes of a key. Not recorded: history only grows.</summary>
    public IEnumerable<HistoryRecord> History(string ns, string key, bool newestFirst, StateVersion? after)
    {
        CheckKey(key);
        return _snapshot.History(ns, key, newestFirst, after);
    }

    /// <summary>What the transaction at this version wrote to the key. Not recorded.</summary>
    public bool TryGetHistoryAt(string ns, string key, StateVersion version, out HistoryRecord entry)
    {
        CheckKey(key);
        return _snapshot.TryGetHistoryAt(ns, key, version, out entry);
    }

    /// <summary>The hash of a private value, which everybody knows.</summary>
    public bool TryGetPrivateHash(string ns, string collection, string key, out Hash32 valueHash)
    {
        CheckKey(key);
        CheckCollection(collection);
        Hash32 keyHash = Hash32.Of(Encoding.UTF8.GetBytes(key));
        bool found = _snapshot.TryGetHash(ns, collection, keyHash, out StateValue value);
        if (Record(ns).Collection(collection).Reads.TryAdd(keyHash, found ? value.Version : null))
            CountItem();

        valueHash = default;
        return found && Hash32.TryRead(value.Value.Span, out valueHash);
    }

    /// <summary>Writes to a private collection: only hashes of key and value enter the read-write set.</summary>
    /// <param name="value">Empty deletes.</param>
    public void PutPrivate(string ns, string collection, string key, ReadOnlyMemory<byte> value)
    {
        CheckKey(key);
        CheckCollection(collection);
        CheckValue(value);
        CountItem();
        Record(ns).Collection(collection).Writes[key] = value.ToArray();
    }

    /// <summary>One named metadata value of a key. Recorded as a read of the key.</summary>
    public bool TryGetMetadata(string ns, string key, string name, out ReadOnlyMemory<byte> value)
    {
        value = default;
        return TryGet(ns, key, out StateValue stored) && stored.TryGetMetadata(name, out value);
    }

    /// <summary>Sets a named metadata value. What this run sets replaces all metadata that the key has.</summary>
    public void PutMetadata(string ns, string key, string name, ReadOnlyMemory<byte> value)
    {
        CheckKey(key);
        CheckText(name);
        CheckValue(value);
        CountItem();
        Record(ns).Metadata(key)[name] = value.ToArray();
    }

    /// <summary>
    /// The encoded TxReadWriteSet. Canonical: every endorser that saw the same builds the same bytes.
    /// </summary>
    public byte[] BuildResults()
    {
        var results = new WireBuffer();
        var inner = new WireBuffer();
        foreach ((string name, NamespaceRecord record) in _namespaces)
        {
            inner.Clear();
            ReadWriteSetWriter.WriteNamespace(name, record, inner);
            results.Bytes(ReadWriteSetWriter.NamespaceField, inner.Written);
        }

        return results.Written.ToArray();
    }

    public void Dispose() => _snapshot.Dispose();

    private static void CheckKey(string key)
    {
        if (key.Length == 0)
            throw new ArgumentException("A key is not empty.", nameof(key));

        CheckText(key);
    }

    private static void CheckText(string text)
    {
        if (text.Length > Limits.KeyBytesMax || Encoding.UTF8.GetByteCount(text) > Limits.KeyBytesMax)
            throw new ArgumentException($"A key has at most {Limits.KeyBytesMax} bytes of UTF-8.", nameof(text));

        for (int index = 0; index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index]))
                continue;
            if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[++index]))
                throw new ArgumentException("A key holds a lone surrogate, which is no character.", nameof(text));
        }
    }

    private static void CheckCollection(string collection)
    {
        if (collection.Length == 0 || Encoding.UTF8.GetByteCount(collection) > Limits.CollectionNameBytesMax)
        {
            throw new ArgumentException(
                $"A collection's name has 1 to {Limits.CollectionNameBytesMax} bytes.", nameof(collection));
        }
    }

    private static void CheckValue(ReadOnlyMemory<byte> value)
    {
        if (value.Length > Limits.ValueBytesMax)
        {
            throw new ArgumentException(
                $"A value has at most {Limits.ValueBytesMax} bytes, this one has {value.Length}.", nameof(value));
        }
    }

    private IEnumerable<StateRecord> Enumerate(string ns, string startKey, string endKey)
    {
        var range = new RangeRecord(startKey, endKey, new RangeSummary(Limits.RangeReadsRawMax));
        Record(ns).Ranges.Add(range);
        CountItem();
        int results = 0;
        foreach (StateRecord record in _snapshot.Range(ns, startKey, endKey))
        {
            if (++results > Limits.QueryResultsMax)
                throw new InvalidOperationException($"A range gives at most {Limits.QueryResultsMax} results.");

            range.Add(record);
            yield return record;
        }

        range.IsExhausted = true;
    }

    private NamespaceRecord Record(string ns)
    {
        if (_namespaces.TryGetValue(ns, out NamespaceRecord? record))
            return record;
        if (Encoding.UTF8.GetByteCount(ns) > Limits.NamespaceBytesMax || _namespaces.Count == Limits.NamespacesMax)
            throw new ArgumentException("The namespace's name is too long, or there are too many.", nameof(ns));

        record = new NamespaceRecord();
        _namespaces.Add(ns, record);
        return record;
    }

    private void CountItem()
    {
        if (++_items > Limits.ReadWriteSetItemsMax)
        {
            throw new InvalidOperationException(
                $"A transaction has at most {Limits.ReadWriteSetItemsMax} reads and writes.");
        }
    }
}
