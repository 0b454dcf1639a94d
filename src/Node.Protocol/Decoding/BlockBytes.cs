using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;

namespace Node.Protocol.Decoding;

/// <summary>A serialized common.Block, split into header, envelopes and metadata slots without copying any.</summary>
/// <remarks>Immutable; any thread. Checks form only: neither hashes nor signatures.</remarks>
public sealed class BlockBytes
{
    private const int HeaderField = 1;
    private const int DataField = 2;
    private const int MetadataField = 3;

    /// <summary>SIGNATURES, LAST_CONFIG, TRANSACTIONS_FILTER, ORDERER, COMMIT_HASH.</summary>
    public const int SlotCount = 5;

    // A Fabric block has five slots; a few more are tolerated, as proto3 would.
    private const int SlotCountMax = 16;

    private readonly byte[] _headerBytes;
    private readonly ReadOnlyMemory<byte>[] _envelopes;
    private readonly Slice _header;
    private readonly Slice _data;
    private readonly Gathered<Slice> _slots;

    private BlockBytes(ReadOnlyMemory<byte> bytes, in Parts parts)
    {
        Bytes = bytes;
        Number = parts.Number;
        PreviousHash = parts.PreviousHash.Of(bytes);
        DataHash = Hash32.Read(parts.DataHash.Of(bytes.Span));
        _header = parts.Header;
        _data = parts.Data;
        _slots = parts.Slots;
        _headerBytes = BlockHeaderBytes.ToArray(Number, PreviousHash.Span, DataHash.AsSpan());
        Hash = Hash32.Of(_headerBytes);

        ReadOnlySpan<Slice> envelopes = parts.Envelopes.All;
        _envelopes = new ReadOnlyMemory<byte>[envelopes.Length];
        for (int index = 0; index < envelopes.Length; index++)
            _envelopes[index] = envelopes[index].Of(bytes);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public ulong Number { get; }

    /// <summary>32 bytes, or empty, as in block 0.</summary>
    public ReadOnlyMemory<byte> PreviousHash { get; }

    /// <summary>As the header says. <see cref="ComputeDataHash"/> tells whether it is so.</summary>
    public Hash32 DataHash { get; }

    /// <summary>Of the header; the next block names it.</summary>
    public Hash32 Hash { get; }

    /// <summary>The DER form of the header, which is hashed and signed.</summary>
    public ReadOnlyMemory<byte> HeaderBytes => _headerBytes;

    /// <summary>In order. Each is the bytes that were hashed.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Envelopes => _envelopes;

    public int SlotsPresent => _slots.Count;

    /// <summary>A metadata slot by its BlockMetadataIndex; empty when the block has fewer.</summary>
    public ReadOnlyMemory<byte> Slot(int index) =>
        index < _slots.Count ? _slots.All[index].Of(Bytes) : ReadOnlyMemory<byte>.Empty;

    public Hash32 ComputeDataHash() => BlockDataHash.Of(_envelopes);

    public Hash32 ComputeTransactionsRoot() => MerkleRoot.Of(_envelopes);

    /// <param name="fault">Names the part that cannot be read.</param>
    public static bool TryDecode(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out BlockBytes? block,
        [NotNullWhen(false)] out string? fault)
    {
        var parts = default(Parts);
        fault = TryRead(bytes.Span, ref parts);
        block = fault is null ? new BlockBytes(bytes, parts) : null;
        return block is not null;
    }

    /// <summary>This block with a peer's verdicts in it: what a peer stores and delivers.</summary>
    /// <remarks>Header and data are copied as they are, so hashes and signatures stay good.</remarks>
    /// <param name="transactionsFilter">One validation code per envelope.</param>
    /// <param name="commitHashSlot">The encoded Metadata with the commit hash; empty for block 0.</param>
    public byte[] WithVerdicts(ReadOnlySpan<byte> transactionsFilter, ReadOnlySpan<byte> commitHashSlot)
    {
        const int Filter = (int)Wire.Common.BlockMetadataIndex.TransactionsFilter;
        const int CommitHash = (int)Wire.Common.BlockMetadataIndex.CommitHash;

        int metadataBytes = 0;
        for (int index = 0; index < SlotCount; index++)
        {
            int length = index switch
            {
                Filter => transactionsFilter.Length,
                CommitHash => commitHashSlot.Length,
                _ => Slot(index).Length,
            };
            metadataBytes += WireSizes.OfBytes(field: 1, length);
        }

        byte[] block = new byte[
            WireSizes.OfBytes(HeaderField, _header.Length)
            + WireSizes.OfBytes(DataField, _data.Length)
            + WireSizes.OfBytes(MetadataField, metadataBytes)];
        var writer = new WireWriter(block);
        writer.Bytes(HeaderField, _header.Of(Bytes.Span));
        writer.Bytes(DataField, _data.Of(Bytes.Span));
        writer.LengthPrefix(MetadataField, metadataBytes);
        for (int index = 0; index < SlotCount; index++)
        {
            writer.Bytes(field: 1, index switch
            {
                Filter => transactionsFilter,
                CommitHash => commitHashSlot,
                _ => Slot(index).Span,
            });
        }

        Invariant.Require(writer.Written == block.Length, "sizes were computed for these fields");
        return block;
    }

    private static string? TryRead(ReadOnlySpan<byte> bytes, ref Parts parts)
    {
        Slice metadata = default;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == HeaderField)
                reader.TryMessage(ref parts.Header);
            else if (reader.Field == DataField)
                reader.TryMessage(ref parts.Data);
            else if (reader.Field == MetadataField)
                reader.TryMessage(ref metadata);
        }

        if (reader.Failed)
            return "the block cannot be read";
        if (!TryReadHeader(bytes, ref parts))
            return "the header of the block cannot be read, or its hashes are no hashes";
        if (!TryReadAll(bytes, parts.Data, Limits.BlockEnvelopesMax, ref parts.Envelopes))
            return $"block {parts.Number} cannot be read, or has more than {Limits.BlockEnvelopesMax} envelopes";

        return TryReadAll(bytes, metadata, SlotCountMax, ref parts.Slots)
            ? null
            : $"the metadata of block {parts.Number} cannot be read";
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, ref Parts parts)
    {
        WireReader reader = WireReader.Inside(bytes, parts.Header);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryUInt64(out parts.Number);
            else if (reader.Field == 2)
                reader.TryBytes(out parts.PreviousHash);
            else if (reader.Field == 3)
                reader.TryBytes(out parts.DataHash);
        }

        return !reader.Failed
            && parts.PreviousHash.Length is 0 or Hash32.Bytes
            && parts.DataHash.Length == Hash32.Bytes;
    }

    // BlockData and BlockMetadata have the same shape: bytes, repeated, in field 1.
    private static bool TryReadAll(ReadOnlySpan<byte> bytes, Slice message, int countMax, ref Gathered<Slice> elements)
    {
        WireReader reader = WireReader.Inside(bytes, message);
        while (reader.Next())
        {
            if (reader.Field != 1 || !reader.TryBytes(out Slice element))
                continue;
            if (elements.Count == countMax)
                return false;

            elements.Add(element);
        }

        return !reader.Failed;
    }

    private struct Parts
    {
        public Slice Header;
        public ulong Number;
        public Slice PreviousHash;
        public Slice DataHash;
        public Slice Data;
        public Gathered<Slice> Envelopes;
        public Gathered<Slice> Slots;
    }
}
