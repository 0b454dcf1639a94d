using System.Text;
using Node.Protocol;

namespace Node.Ledger.Simulating;

/// <summary>Encodes a recorded run: packages rwset and kvrwset, canonical.</summary>
/// <remarks>Ascending fields, no defaults, a version that is there always written, even when it is 0:0.</remarks>
internal static class ReadWriteSetWriter
{
    /// <summary>TxReadWriteSet.ns_rwset. The data model before it is 0, hence left out.</summary>
    public const int NamespaceField = 2;

    public static void WriteNamespace(string name, NamespaceRecord record, WireBuffer target)
    {
        target.BytesUnlessEmpty(1, Utf8(name));
        target.BytesUnlessEmpty(2, PublicSet(record));
        foreach ((string collection, CollectionRecord hashed) in record.Collections)
            target.Bytes(3, Collection(collection, hashed));
    }

    // A KVRWSet.
    private static byte[] PublicSet(NamespaceRecord record)
    {
        var set = new WireBuffer();
        foreach ((string key, StateVersion? version) in record.Reads)
            set.Bytes(1, Read(Utf8(key), version));

        var seen = new HashSet<(string Start, string End, bool IsExhausted)>();
        foreach (RangeRecord range in record.Ranges)
        {
            if (range.WasUsed && seen.Add((range.StartKey, range.EndKey, range.IsExhausted)))
                set.Bytes(2, Range(range));
        }

        foreach ((string key, byte[] value) in record.Writes)
            set.Bytes(3, Write(Utf8(key), value));

        foreach ((string key, SortedDictionary<string, byte[]> entries) in record.MetadataWrites)
            set.Bytes(4, MetadataWrite(key, entries));

        return set.Written.ToArray();
    }

    // A KVRead or KVReadHash.
    private static byte[] Read(ReadOnlySpan<byte> key, StateVersion? version)
    {
        var read = new WireBuffer();
        read.BytesUnlessEmpty(1, key);
        if (version is { } there)
        {
            var encoded = new WireBuffer();
            encoded.NumberUnlessZero(1, there.Block);
            encoded.NumberUnlessZero(2, there.Transaction);
            read.Bytes(2, encoded.Written);
        }

        return read.Written.ToArray();
    }

    // A KVWrite. An empty value is a delete.
    private static byte[] Write(ReadOnlySpan<byte> key, byte[] value)
    {
        var write = new WireBuffer();
        write.BytesUnlessEmpty(1, key);
        write.NumberUnlessZero(2, value.Length == 0 ? 1u : 0u);
        write.BytesUnlessEmpty(3, value);
        return write.Written.ToArray();
    }

    private static byte[] MetadataWrite(string key, SortedDictionary<string, byte[]> entries)
    {
        var write = new WireBuffer();
        write.BytesUnlessEmpty(1, Utf8(key));
        foreach ((string name, byte[] value) in entries)
        {
            var entry = new WireBuffer();
            entry.BytesUnlessEmpty(MetadataFields.Name, Utf8(name));
            entry.BytesUnlessEmpty(MetadataFields.Value, value);
            write.Bytes(MetadataFields.Entries, entry.Written);
        }

        return write.Written.ToArray();
    }

    // A RangeQueryInfo.
    private static byte[] Range(RangeRecord range)
    {
        range.Reads.Finish();
        var query = new WireBuffer();
        query.BytesUnlessEmpty(1, Utf8(range.StartKey));
        query.BytesUnlessEmpty(2, Utf8(range.EndKey));
        query.NumberUnlessZero(3, range.IsExhausted ? 1u : 0u);
        if (range.Reads.IsHashed)
            query.Bytes(5, Summary(range));
        else if (range.Reads.RawCount > 0)
            query.Bytes(4, range.Reads.RawReads);

        return query.Written.ToArray();
    }

    // A QueryReadsMerkleSummary.
    private static byte[] Summary(RangeRecord range)
    {
        var summary = new WireBuffer();
        summary.NumberUnlessZero(1, Limits.RangeReadsRawMax);
        summary.NumberUnlessZero(2, range.Reads.Level);
        foreach (Hash32 hash in range.Reads.Hashes)
            summary.Bytes(3, hash.AsSpan());

        return summary.Written.ToArray();
    }

    // A CollectionHashedReadWriteSet. A collection that was only read has no hash of a private set.
    private static byte[] Collection(string name, CollectionRecord record)
    {
        var hashed = new WireBuffer();
        foreach ((Hash32 keyHash, StateVersion? version) in record.Reads)
            hashed.Bytes(1, Read(keyHash.AsSpan(), version));

        var privateSet = new WireBuffer();
        var writes = new SortedDictionary<Hash32, byte[]>();
        foreach ((string key, byte[] value) in record.Writes)
        {
            privateSet.Bytes(3, Write(Utf8(key), value));
            Hash32 keyHash = Hash32.Of(Utf8(key));
            writes.Add(keyHash, Write(keyHash.AsSpan(), value.Length == 0 ? [] : Hash32.Of(value).ToArray()));
        }

        foreach (byte[] write in writes.Values)
            hashed.Bytes(2, write);

        var collection = new WireBuffer();
        collection.BytesUnlessEmpty(1, Utf8(name));
        collection.BytesUnlessEmpty(2, hashed.Written);
        if (record.Writes.Count > 0)
            collection.Bytes(3, Hash32.Of(privateSet.Written).AsSpan());

        return collection.Written.ToArray();
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
