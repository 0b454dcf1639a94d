using System.Diagnostics.CodeAnalysis;

namespace Node.Protocol.Decoding;

/// <summary>What a transaction read and wants written. Slices count from the start of <see cref="Bytes"/>.</summary>
/// <remarks>
/// Immutable; any thread. Flat arrays, so that a transaction with a thousand keys is no thousand objects: a
/// <see cref="Run"/> names the part of an array that belongs to a namespace, collection or key.
/// </remarks>
public sealed class DecodedReadWriteSet
{
    private readonly Arrays _arrays;

    private DecodedReadWriteSet(ReadOnlyMemory<byte> bytes, in Arrays arrays)
    {
        Bytes = bytes;
        _arrays = arrays;
    }

    /// <summary>What slices count from: the envelope, or the results alone if they were decoded alone.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>In the order of the set. Names may repeat unless this came with a transaction.</summary>
    public ReadOnlySpan<DecodedNamespace> Namespaces => _arrays.Namespaces.All;

    public ReadOnlySpan<byte> Of(Slice slice) => slice.Of(Bytes.Span);

    public ReadOnlySpan<DecodedRead> Reads(Run run) => _arrays.Reads.Of(run);

    public ReadOnlySpan<DecodedWrite> Writes(Run run) => _arrays.Writes.Of(run);

    public ReadOnlySpan<DecodedRangeQuery> RangeQueries(Run run) => _arrays.RangeQueries.Of(run);

    /// <summary>Of <see cref="DecodedRangeQuery.RawReads"/>.</summary>
    public ReadOnlySpan<DecodedRead> RangeReads(Run run) => _arrays.RangeReads.Of(run);

    /// <summary>Of <see cref="DecodedRangeQuery.SummaryHashes"/>; each has whatever length it came with.</summary>
    public ReadOnlySpan<Slice> SummaryHashes(Run run) => _arrays.SummaryHashes.Of(run);

    public ReadOnlySpan<DecodedMetadataWrite> MetadataWrites(Run run) => _arrays.MetadataWrites.Of(run);

    public ReadOnlySpan<DecodedMetadataEntry> MetadataEntries(Run run) => _arrays.MetadataEntries.Of(run);

    public ReadOnlySpan<DecodedCollection> Collections(Run run) => _arrays.Collections.Of(run);

    /// <summary>Decodes an encoded TxReadWriteSet that stands alone.</summary>
    public static bool TryDecode(
        ReadOnlyMemory<byte> results,
        [NotNullWhen(true)] out DecodedReadWriteSet? readWriteSet,
        [NotNullWhen(false)] out string? fault) =>
        TryDecode(results, new Slice(0, results.Length), out readWriteSet, out fault);

    internal static bool TryDecode(
        ReadOnlyMemory<byte> bytes,
        Slice results,
        [NotNullWhen(true)] out DecodedReadWriteSet? readWriteSet,
        [NotNullWhen(false)] out string? fault)
    {
        bool read = ReadWriteSetReader.TryRead(bytes.Span, results, out Arrays arrays, out fault);
        readWriteSet = read ? new DecodedReadWriteSet(bytes, arrays) : null;
        return readWriteSet is not null;
    }

    /// <summary>True when two namespaces have one name: a set no simulation builds.</summary>
    internal bool HasRepeatedNamespace()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        ReadOnlySpan<DecodedNamespace> namespaces = Namespaces;
        for (int i = 1; i < namespaces.Length; i++)
        {
            ReadOnlySpan<byte> name = namespaces[i].Name.Of(bytes);
            for (int j = 0; j < i; j++)
            {
                if (name.SequenceEqual(namespaces[j].Name.Of(bytes)))
                    return true;
            }
        }

        return false;
    }

    internal struct Arrays
    {
        public Gathered<DecodedNamespace> Namespaces;
        public Gathered<DecodedRead> Reads;
        public Gathered<DecodedWrite> Writes;
        public Gathered<DecodedRangeQuery> RangeQueries;
        public Gathered<DecodedRead> RangeReads;
        public Gathered<Slice> SummaryHashes;
        public Gathered<DecodedMetadataWrite> MetadataWrites;
        public Gathered<DecodedMetadataEntry> MetadataEntries;
        public Gathered<DecodedCollection> Collections;
    }
}
