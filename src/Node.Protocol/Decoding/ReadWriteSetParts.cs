namespace Node.Protocol.Decoding;

/// <summary>The part of a read-write set that belongs to one contract.</summary>
public readonly record struct DecodedNamespace(
    Slice Name, Run Reads, Run RangeQueries, Run Writes, Run MetadataWrites, Run Collections);

/// <summary>
/// What happened in one private collection, by hashes. Keys of its reads and writes are hashes of keys.
/// </summary>
/// <param name="PrivateHash">The hash of the private set; empty if the collection was only read.</param>
public readonly record struct DecodedCollection(
    Slice Name, Slice PrivateHash, Run Reads, Run Writes, Run MetadataWrites);

/// <summary>A key that was read.</summary>
/// <param name="HasVersion">False: the key was not there.</param>
/// <param name="Version">
/// A transaction number beyond 32 bits is read as <see cref="NeverWritten"/>: no key has such a version, so the read
/// conflicts, as it does in Fabric.
/// </param>
public readonly record struct DecodedRead(Slice Key, bool HasVersion, StateVersion Version)
{
    public static StateVersion NeverWritten => new(ulong.MaxValue, uint.MaxValue);
}

/// <summary>A key that is to be written.</summary>
/// <param name="Value">In a collection, the hash of the value.</param>
/// <param name="IsDelete">
/// Also true where the set has an empty value instead of a delete mark, as it means the same.
/// </param>
/// <param name="IsPurge">In a collection: the private value and its history go, too.</param>
public readonly record struct DecodedWrite(Slice Key, Slice Value, bool IsDelete, bool IsPurge);

/// <summary>Metadata that is to replace what a key has. No entries: it is removed.</summary>
public readonly record struct DecodedMetadataWrite(Slice Key, Run Entries);

public readonly record struct DecodedMetadataEntry(Slice Name, Slice Value);

/// <summary>How a range query recorded what it saw.</summary>
public enum RangeReadsForm
{
    /// <summary>Nothing was found.</summary>
    None,

    /// <summary>Key by key.</summary>
    Raw,

    /// <summary>As the upper hashes of a tree, because there were many.</summary>
    Summary,
}

/// <summary>A range that was read.</summary>
/// <param name="EndKey">
/// Exclusive if <paramref name="IsExhausted"/>, else the last key that was returned, inclusive.
/// </param>
public readonly record struct DecodedRangeQuery(
    Slice StartKey,
    Slice EndKey,
    bool IsExhausted,
    RangeReadsForm Form,
    Run RawReads,
    uint SummaryDegreeMax,
    uint SummaryLevelMax,
    Run SummaryHashes);
