using Google.Protobuf;
using Node.Hosting.Renewing;
using Node.Membership;
using Node.Orderer.Log;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Ordering;

/// <summary>Makes the next block of an entry of the ordered log: the same bytes on every orderer but for its
/// signature.</summary>
/// <remarks>
/// Layout as Fabric's common.Block. Five metadata slots: 0 the signed OrdererBlockMetadata, which carries the block
/// commitment; 1 the last config again, for old readers; 2 to 4 empty, for peers. Owned by the block loop of one
/// channel.
/// </remarks>
internal sealed class BlockMaker(NodeIdentity identity)
{
    private const int HeaderField = 1;
    private const int DataField = 2;
    private const int MetadataField = 3;
    private const int NumberField = 1;
    private const int PreviousHashField = 2;
    private const int DataHashField = 3;

    /// <summary>Makes and signs the block that follows on <paramref name="tip"/>.</summary>
    public MadeBlock Make(ChainTip tip, LogEntry entry)
    {
        ReadOnlyMemory<byte>[] envelopes = entry.Batch.Envelopes;
        ulong number = tip.Height;
        Hash32 dataHash = BlockDataHash.Of(envelopes);
        Hash32 transactionsRoot = MerkleRoot.Of(envelopes);
        ulong lastConfig = entry.Batch.IsConfig ? number : tip.LastConfig;

        Span<byte> header = stackalloc byte[BlockHeaderBytes.BytesMax];
        header = header[..BlockHeaderBytes.Encode(number, tip.LastHash.AsSpan(), dataHash.AsSpan(), header)];

        byte[] position = new byte[LogPosition.Bytes];
        entry.Position.Write(position);
        byte[] commitment = BlockCommitments.Encode(new BlockRoots(transactionsRoot, tip.Chain.Root, position));
        byte[] metadata = BuildMetadata(header, lastConfig, commitment);

        BlockImage image = Encode(number, tip.LastHash, dataHash, entry.Batch.BlockData, metadata);
        MerkleFrontier chain = tip.Chain.Append(BlockCommitments.ChainLeaf(header, transactionsRoot));
        var next = new ChainTip(number + 1, Hash32.Of(header), lastConfig, entry.Position, chain);
        return new MadeBlock(number, image, envelopes.Length, entry.Batch.IsConfig, next);
    }

    private byte[] BuildMetadata(ReadOnlySpan<byte> header, ulong lastConfig, byte[] commitment)
    {
        byte[] value = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig { Index = lastConfig },
            ConsenterMetadata = UnsafeByteOperations.UnsafeWrap(commitment),
        }.ToByteArray();
        // One certificate for both: it may be renewed at any moment.
        SigningIdentity signer = identity.Current;
        byte[] signatureHeader = new SignatureHeader
        {
            Creator = UnsafeByteOperations.UnsafeWrap(signer.Serialized),
            Nonce = UnsafeByteOperations.UnsafeWrap(signer.NewNonce()),
        }.ToByteArray();

        byte[] signed = DecodedBlockSignatures.SignedBytes(value, signatureHeader, header);
        var signature = new MetadataSignature
        {
            SignatureHeader = UnsafeByteOperations.UnsafeWrap(signatureHeader),
            Signature = UnsafeByteOperations.UnsafeWrap(signer.Sign(signed)),
        };
        var signatures = new Metadata { Value = UnsafeByteOperations.UnsafeWrap(value), Signatures = { signature } };
        var legacy = new Metadata { Value = new LastConfig { Index = lastConfig }.ToByteString() };
        return new BlockMetadata
        {
            Metadata =
            {
                signatures.ToByteString(), legacy.ToByteString(), ByteString.Empty, ByteString.Empty, ByteString.Empty,
            },
        }.ToByteArray();
    }

    private static BlockImage Encode(
        ulong number, Hash32 previousHash, Hash32 dataHash, ReadOnlyMemory<byte> blockData, ReadOnlySpan<byte> metadata)
    {
        // Block 0 comes from a file, so the number is never the default and both hashes are there.
        Invariant.Require(number > 0, "the genesis block is not made here");
        int headerBytes = WireSizes.OfNumber(NumberField, number)
            + WireSizes.OfBytes(PreviousHashField, Hash32.Bytes)
            + WireSizes.OfBytes(DataHashField, Hash32.Bytes);
        byte[] head = new byte[
            WireSizes.OfBytes(HeaderField, headerBytes)
            + WireSizes.OfBytes(DataField, blockData.Length) - blockData.Length];
        var writer = new WireWriter(head);
        writer.LengthPrefix(HeaderField, headerBytes);
        writer.Number(NumberField, number);
        writer.Bytes(PreviousHashField, previousHash.AsSpan());
        writer.Bytes(DataHashField, dataHash.AsSpan());
        writer.LengthPrefix(DataField, blockData.Length);

        byte[] tail = new byte[WireSizes.OfBytes(MetadataField, metadata.Length)];
        new WireWriter(tail).Bytes(MetadataField, metadata);
        return new BlockImage(head, blockData, tail);
    }
}
