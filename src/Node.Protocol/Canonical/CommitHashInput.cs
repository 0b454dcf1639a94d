using System.Security.Cryptography;
using Node.Protocol.Decoding;

namespace Node.Protocol.Canonical;

/// <summary>Computes the commit hash of one block after another, from verdicts and the writes they caused.</summary>
/// <remarks>
/// <para>
/// <c>SHA-256(varint(filter length) ‖ filter ‖ writes ‖ previous commit hash)</c>, the writes being Fabric's
/// deterministic encoding: docs/formats.md, "Commit hash". Block 0 has none; the first is of block 1, without a
/// predecessor.
/// </para>
/// <para>
/// Owned by one commit loop. Call <see cref="Begin"/>, <see cref="Add"/> in order, <see cref="Finish"/>; repeat.
/// </para>
/// </remarks>
public sealed class CommitHashInput : IDisposable
{
    private const int Entries = 1;
    private const int Namespace = 1;
    private const int Collection = 2;
    private const int Key = 3;
    private const int IsDelete = 4;
    private const int Value = 5;
    private const int Version = 6;

    // Crossing into the hash engine costs more than hashing a few bytes, so small pieces are gathered first.
    private const int StagingBytes = 4096;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _staging = new byte[StagingBytes];
    private int _staged;

    // Invariant: namespace, collection and key of the last entry; the next one sorts behind it.
    private byte[] _last = new byte[1024];
    private int _lastNamespaceBytes = -1;
    private int _lastCollectionBytes;
    private int _lastKeyBytes;

    /// <param name="transactionsFilter">One validation code per transaction of the block.</param>
    public void Begin(ReadOnlySpan<byte> transactionsFilter)
    {
        Invariant.Require(_lastNamespaceBytes < 0 && _staged == 0, "the block before this one was finished");
        Span<byte> length = stackalloc byte[WireSizes.VarintMax];
        var writer = new WireWriter(length);
        writer.Varint((ulong)transactionsFilter.Length);
        Append(length[..writer.Written]);
        Append(transactionsFilter);
    }

    /// <summary>
    /// Adds one key that the block changed. The empty namespace, where the configuration lies, is passed over.
    /// </summary>
    /// <remarks>
    /// Strictly ascending in byte order: by namespace, in it public keys before collections, collections by name, in
    /// them by
    /// key. A key that the block wrote twice is added once, with its last write.
    /// </remarks>
    /// <param name="collection">Empty for a public key.</param>
    /// <param name="key">UTF-8, or in a collection the hash of the key.</param>
    /// <param name="value">Empty for a delete; in a collection the hash of the value.</param>
    public void Add(
        ReadOnlySpan<byte> ns,
        ReadOnlySpan<byte> collection,
        ReadOnlySpan<byte> key,
        bool isDelete,
        ReadOnlySpan<byte> value,
        StateVersion version)
    {
        if (ns.IsEmpty)
            return;

        bool firstOfNamespace = _lastNamespaceBytes < 0 || !ns.SequenceEqual(LastNamespace);
        bool firstOfCollection =
            collection.Length > 0 && (firstOfNamespace || !collection.SequenceEqual(LastCollection));
        RequireOrder(ns, collection, key);

        Span<byte> versionBytes = stackalloc byte[StateVersion.OrderedBytesMax];
        versionBytes = versionBytes[..version.EncodeOrdered(versionBytes)];
        int size = (firstOfNamespace ? WireSizes.OfBytes(Namespace, ns.Length) : 0)
            + (firstOfCollection ? WireSizes.OfBytes(Collection, collection.Length) : 0)
            + SizeOf(Key, key)
            + (isDelete ? WireSizes.OfNumber(IsDelete, value: 1) : 0)
            + SizeOf(Value, value)
            + WireSizes.OfBytes(Version, versionBytes.Length);

        Prefix(Entries, size);
        if (firstOfNamespace)
            Field(Namespace, ns);
        if (firstOfCollection)
            Field(Collection, collection);

        Field(Key, key);
        if (isDelete)
            Append([IsDelete << 3, 1]);

        Field(Value, value);
        Field(Version, versionBytes);
        Remember(ns, collection, key);
    }

    /// <param name="previous">The commit hash of the block before; null when that one has none.</param>
    public Hash32 Finish(Hash32? previous)
    {
        if (previous is { } hash)
            Append(hash.AsSpan());

        Flush();
        _lastNamespaceBytes = -1;
        return Hash32.Finish(_hash);
    }

    public void Dispose() => _hash.Dispose();

    private ReadOnlySpan<byte> LastNamespace => _last.AsSpan(0, _lastNamespaceBytes);

    private ReadOnlySpan<byte> LastCollection => _last.AsSpan(_lastNamespaceBytes, _lastCollectionBytes);

    private ReadOnlySpan<byte> LastKey => _last.AsSpan(_lastNamespaceBytes + _lastCollectionBytes, _lastKeyBytes);

    private static int SizeOf(int field, ReadOnlySpan<byte> value) =>
        value.IsEmpty ? 0 : WireSizes.OfBytes(field, value.Length);

    private void RequireOrder(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key)
    {
        if (_lastNamespaceBytes < 0)
            return;

        int order = LastNamespace.SequenceCompareTo(ns);
        if (order == 0)
            order = LastCollection.SequenceCompareTo(collection);
        if (order == 0)
            order = LastKey.SequenceCompareTo(key);

        Invariant.Require(order < 0, "peers agree on a commit hash only if all add in byte order, each key once");
    }

    private void Remember(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key)
    {
        int bytes = ns.Length + collection.Length + key.Length;
        if (_last.Length < bytes)
            _last = new byte[bytes];

        ns.CopyTo(_last);
        collection.CopyTo(_last.AsSpan(ns.Length));
        key.CopyTo(_last.AsSpan(ns.Length + collection.Length));
        _lastNamespaceBytes = ns.Length;
        _lastCollectionBytes = collection.Length;
        _lastKeyBytes = key.Length;
    }

    private void Field(int field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;

        Prefix(field, value.Length);
        Append(value);
    }

    private void Prefix(int field, int length)
    {
        Span<byte> prefix = stackalloc byte[2 * WireSizes.VarintMax];
        var writer = new WireWriter(prefix);
        writer.LengthPrefix(field, length);
        Append(prefix[..writer.Written]);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > StagingBytes - _staged)
            Flush();

        if (bytes.Length > StagingBytes)
        {
            _hash.AppendData(bytes);
            return;
        }

        bytes.CopyTo(_staging.AsSpan(_staged));
        _staged += bytes.Length;
    }

    private void Flush()
    {
        _hash.AppendData(_staging, 0, _staged);
        _staged = 0;
    }
}
