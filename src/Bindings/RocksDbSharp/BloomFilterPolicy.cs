namespace RocksDbSharp;

/// <summary>A Bloom filter over the keys of a table: 10 bits a key let one absent key in a hundred through.</summary>
/// <remarks>
/// A description, not an object of the engine: the engine's own policy belongs to the one set of table options it is
/// given to, so each use makes a new one and a policy may be shared freely.
/// </remarks>
public sealed class BloomFilterPolicy
{
    private readonly double _bitsPerKey;
    private readonly bool _blockBased;

    private BloomFilterPolicy(double bitsPerKey, bool blockBased)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bitsPerKey, 1);
        _bitsPerKey = bitsPerKey;
        _blockBased = blockBased;
    }

    /// <param name="useBlockBasedBuilder">Asks for the retired format of one filter per block; current engines
    /// write one filter per table either way.</param>
    public static BloomFilterPolicy Create(double bitsPerKey = 10, bool useBlockBasedBuilder = true) =>
        new(bitsPerKey, useBlockBasedBuilder);

    internal nint CreateOwnedByTable() => _blockBased
        ? Native.rocksdb_filterpolicy_create_bloom(_bitsPerKey)
        : Native.rocksdb_filterpolicy_create_bloom_full(_bitsPerKey);
}
