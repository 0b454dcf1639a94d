using System.Diagnostics.CodeAnalysis;

namespace Node.Protocol.Decoding;

/// <summary>Walks an encoded TxReadWriteSet into flat arrays. One level of messages per method.</summary>
internal ref struct ReadWriteSetReader
{
    private const string Malformed = "the read-write set cannot be read";
    private const string TooManyNamespaces = "the read-write set names too many namespaces";
    private const string TooManyItems = "the read-write set holds too many reads and writes";

    private readonly ReadOnlySpan<byte> _bytes;
    private DecodedReadWriteSet.Arrays _arrays;
    private int _items;
    private string? _limitReached;

    private ReadWriteSetReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        Slice results,
        out DecodedReadWriteSet.Arrays arrays,
        [NotNullWhen(false)] out string? fault)
    {
        var set = new ReadWriteSetReader(bytes);
        bool read = set.TryReadNamespaces(results);
        arrays = set._arrays;
        fault = read ? null : set._limitReached ?? Malformed;
        return read;
    }

    private bool TryReadNamespaces(Slice message)
    {
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryInt32(out _);   // The data model: there is one.
            else if (reader.Field == 2 && reader.TryBytes(out Slice ns) && !TryReadNamespace(ns))
                reader.Fail();
        }

        return !reader.Failed;
    }

    private bool TryReadNamespace(Slice message)
    {
        if (_arrays.Namespaces.Count == Limits.NamespacesMax)
        {
            _limitReached = TooManyNamespaces;
            return false;
        }

        Slice name = default;
        Slice set = default;
        int collections = _arrays.Collections.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out name);
            else if (reader.Field == 2)
                reader.TryBytes(out set);
            else if (reader.Field == 3 && reader.TryBytes(out Slice collection) && !TryReadCollection(collection))
                reader.Fail();
        }

        return !reader.Failed && TryReadPublicSet(name, set, _arrays.Collections.Since(collections));
    }

    // A KVRWSet.
    private bool TryReadPublicSet(Slice name, Slice message, Run collections)
    {
        int reads = _arrays.Reads.Count;
        int queries = _arrays.RangeQueries.Count;
        int writes = _arrays.Writes.Count;
        int metadata = _arrays.MetadataWrites.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            bool read = reader.Field switch
            {
                1 => reader.TryBytes(out Slice item) && TryReadRead(item, isHashed: false, ref _arrays.Reads),
                2 => reader.TryBytes(out Slice item) && TryReadRangeQuery(item),
                3 => reader.TryBytes(out Slice item) && TryReadWrite(item, isHashed: false),
                4 => reader.TryBytes(out Slice item) && TryReadMetadataWrite(item, isHashed: false),
                _ => true,
            };
            if (!read)
                reader.Fail();
        }

        _arrays.Namespaces.Add(new DecodedNamespace(
            name,
            _arrays.Reads.Since(reads),
            _arrays.RangeQueries.Since(queries),
            _arrays.Writes.Since(writes),
            _arrays.MetadataWrites.Since(metadata),
            collections));
        return !reader.Failed;
    }

    private bool TryReadCollection(Slice message)
    {
        Slice name = default;
        Slice set = default;
        Slice privateHash = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out name);
            else if (reader.Field == 2)
                reader.TryBytes(out set);
            else if (reader.Field == 3)
                reader.TryBytes(out privateHash);
        }

        return !reader.Failed && TryCountItem() && TryReadHashedSet(name, privateHash, set);
    }

    // A HashedRWSet.
    private bool TryReadHashedSet(Slice name, Slice privateHash, Slice message)
    {
        int reads = _arrays.Reads.Count;
        int writes = _arrays.Writes.Count;
        int metadata = _arrays.MetadataWrites.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            bool read = reader.Field switch
            {
                1 => reader.TryBytes(out Slice item) && TryReadRead(item, isHashed: true, ref _arrays.Reads),
                2 => reader.TryBytes(out Slice item) && TryReadWrite(item, isHashed: true),
                3 => reader.TryBytes(out Slice item) && TryReadMetadataWrite(item, isHashed: true),
                _ => true,
            };
            if (!read)
                reader.Fail();
        }

        _arrays.Collections.Add(new DecodedCollection(
            name,
            privateHash,
            _arrays.Reads.Since(reads),
            _arrays.Writes.Since(writes),
            _arrays.MetadataWrites.Since(metadata)));
        return !reader.Failed;
    }

    // A KVRead or KVReadHash.
    private bool TryReadRead(Slice message, bool isHashed, ref Gathered<DecodedRead> target)
    {
        Slice key = default;
        Slice version = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                TryReadKey(ref reader, isHashed, out key);
            else if (reader.Field == 2)
                reader.TryMessage(ref version);
        }

        if (reader.Failed || !TryCountItem() || !TryReadVersion(version, out StateVersion stateVersion))
            return false;

        target.Add(new DecodedRead(key, version.IsPresent, stateVersion));
        return true;
    }

    private readonly bool TryReadVersion(Slice message, out StateVersion version)
    {
        ulong block = 0;
        ulong transaction = 0;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryUInt64(out block);
            else if (reader.Field == 2)
                reader.TryUInt64(out transaction);
        }

        version = transaction <= uint.MaxValue
            ? new StateVersion(block, (uint)transaction)
            : DecodedRead.NeverWritten;
        return !reader.Failed;
    }

    // A KVWrite or KVWriteHash.
    private bool TryReadWrite(Slice message, bool isHashed)
    {
        Slice key = default;
        Slice value = default;
        bool isDelete = false;
        bool isPurge = false;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                TryReadKey(ref reader, isHashed, out key);
            else if (reader.Field == 2)
                reader.TryBool(out isDelete);
            else if (reader.Field == 3)
                reader.TryBytes(out value);
            else if (reader.Field == 4 && isHashed)
                reader.TryBool(out isPurge);
        }

        if (reader.Failed || !TryCountItem())
            return false;

        _arrays.Writes.Add(new DecodedWrite(key, value, isDelete || value.IsEmpty, isPurge));
        return true;
    }

    // A KVMetadataWrite or KVMetadataWriteHash.
    private bool TryReadMetadataWrite(Slice message, bool isHashed)
    {
        Slice key = default;
        int entries = _arrays.MetadataEntries.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                TryReadKey(ref reader, isHashed, out key);
            else if (reader.Field == 2 && reader.TryBytes(out Slice entry) && !TryReadMetadataEntry(entry))
                reader.Fail();
        }

        if (reader.Failed || !TryCountItem())
            return false;

        _arrays.MetadataWrites.Add(new DecodedMetadataWrite(key, _arrays.MetadataEntries.Since(entries)));
        return true;
    }

    private bool TryReadMetadataEntry(Slice message)
    {
        Slice name = default;
        Slice value = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryText(out name);
            else if (reader.Field == 2)
                reader.TryBytes(out value);
        }

        if (reader.Failed || !TryCountItem())
            return false;

        _arrays.MetadataEntries.Add(new DecodedMetadataEntry(name, value));
        return true;
    }

    private bool TryReadRangeQuery(Slice message)
    {
        Slice start = default;
        Slice end = default;
        bool isExhausted = false;
        Slice raw = default;
        Slice summary = default;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.TryText(out start);
                    break;
                case 2:
                    reader.TryText(out end);
                    break;
                case 3:
                    reader.TryBool(out isExhausted);
                    break;
                case 4:
                    reader.TryMessage(ref raw);
                    break;
                case 5:
                    reader.TryMessage(ref summary);
                    break;
            }
        }

        // One of the two, as they are alternatives: the last would count, but no encoder writes both.
        if (reader.Failed || (raw.IsPresent && summary.IsPresent) || !TryCountItem())
            return false;

        return TryReadRawReads(raw, out Run rawReads)
            && TryReadSummary(summary, out uint degree, out uint level, out Run hashes)
            && Add(new DecodedRangeQuery(
                start, end, isExhausted, FormOf(raw, summary), rawReads, degree, level, hashes));
    }

    private static RangeReadsForm FormOf(Slice raw, Slice summary) =>
        raw.IsPresent ? RangeReadsForm.Raw : summary.IsPresent ? RangeReadsForm.Summary : RangeReadsForm.None;

    private bool Add(in DecodedRangeQuery query)
    {
        _arrays.RangeQueries.Add(query);
        return true;
    }

    private bool TryReadRawReads(Slice message, out Run reads)
    {
        int start = _arrays.RangeReads.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1
                && reader.TryBytes(out Slice item)
                && !TryReadRead(item, isHashed: false, ref _arrays.RangeReads))
                reader.Fail();
        }

        reads = _arrays.RangeReads.Since(start);
        return !reader.Failed;
    }

    private bool TryReadSummary(Slice message, out uint degree, out uint level, out Run hashes)
    {
        degree = 0;
        level = 0;
        int start = _arrays.SummaryHashes.Count;
        WireReader reader = WireReader.Inside(_bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryUInt32(out degree);
            else if (reader.Field == 2)
                reader.TryUInt32(out level);
            else if (reader.Field == 3 && reader.TryBytes(out Slice hash))
                _arrays.SummaryHashes.Add(hash);
        }

        hashes = _arrays.SummaryHashes.Since(start);
        return !reader.Failed && TryCountItems(hashes.Count);
    }

    private static void TryReadKey(ref WireReader reader, bool isHashed, out Slice key)
    {
        if (isHashed)
            reader.TryBytes(out key);
        else
            reader.TryText(out key);
    }

    private bool TryCountItem() => TryCountItems(count: 1);

    private bool TryCountItems(int count)
    {
        _items += count;
        if (_items <= Limits.ReadWriteSetItemsMax)
            return true;

        _limitReached = TooManyItems;
        return false;
    }
}
