using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Ledger.Blocks;

/// <summary>
/// A block without its envelopes: header and metadata, which is what stays of it when its body is removed.
/// </summary>
/// <remarks>
/// Layout (docs/formats.md, "Pruned blocks"): a common.Block without its field <c>data</c>. Every block has at least
/// one envelope, so the two are told apart by that.
/// </remarks>
internal static class BlockOutline
{
    private const int SignatureSlot = (int)BlockMetadataIndex.Signatures;

    public static bool Is(BlockBytes block) => block.Envelopes.IsEmpty;

    /// <summary>True when the block brings a configuration, valid or not: such a body always stays.</summary>
    public static bool IsConfig(BlockBytes block) =>
        block.Envelopes.Length == 1
        && DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _)
        && envelope.Type == HeaderType.Config;

    /// <summary>What is stored in place of the block.</summary>
    public static byte[] Of(BlockBytes block) => Encode(block, withEnvelopes: false, block.Slot(SignatureSlot).Span);

    /// <summary>Takes the orderers' signatures out, which alone may differ between two peers.</summary>
    /// <param name="withEnvelopes">Else the outline.</param>
    /// <param name="signatures">Metadata with nothing but them; empty where there are none.</param>
    public static byte[] WithoutSignatures(BlockBytes block, bool withEnvelopes, out byte[] signatures)
    {
        if (!TryParse(block.Slot(SignatureSlot).Span, out Metadata? slot))
            throw new LedgerCorruptException("the signature slot cannot be read", "the block", block.Number);

        var unsigned = new Metadata { Value = slot.Value };
        slot.Value = ByteString.Empty;
        signatures = slot.ToByteArray();
        return Encode(block, withEnvelopes, unsigned.ToByteArray());
    }

    /// <summary>The block with the signatures that <see cref="WithoutSignatures"/> took out.</summary>
    public static bool TryWithSignatures(
        BlockBytes block, ReadOnlySpan<byte> signatures, [NotNullWhen(true)] out byte[]? whole)
    {
        whole = null;
        if (!TryParse(block.Slot(SignatureSlot).Span, out Metadata? slot)
            || !TryParse(signatures, out Metadata? taken)
            || slot.Signatures.Count > 0
            || !taken.Value.IsEmpty)
            return false;

        slot.Signatures.Add(taken.Signatures);
        whole = Encode(block, withEnvelopes: !Is(block), slot.ToByteArray());
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> slot, [NotNullWhen(true)] out Metadata? metadata)
    {
        try
        {
            metadata = Metadata.Parser.ParseFrom(slot);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            metadata = null;
            return false;
        }
    }

    private static byte[] Encode(BlockBytes block, bool withEnvelopes, ReadOnlySpan<byte> signatureSlot)
    {
        int headerBytes = (block.Number == 0 ? 0 : WireSizes.OfNumber(1, block.Number))
            + (block.PreviousHash.IsEmpty ? 0 : WireSizes.OfBytes(2, block.PreviousHash.Length))
            + WireSizes.OfBytes(3, Hash32.Bytes);
        int dataBytes = 0;
        foreach (ReadOnlyMemory<byte> envelope in block.Envelopes)
            dataBytes += WireSizes.OfBytes(1, envelope.Length);

        int metadataBytes = WireSizes.OfBytes(1, signatureSlot.Length);
        for (int index = SignatureSlot + 1; index < BlockBytes.SlotCount; index++)
            metadataBytes += WireSizes.OfBytes(1, block.Slot(index).Length);

        byte[] encoded = new byte[WireSizes.OfBytes(1, headerBytes)
            + (withEnvelopes ? WireSizes.OfBytes(2, dataBytes) : 0)
            + WireSizes.OfBytes(3, metadataBytes)];
        var writer = new WireWriter(encoded);
        writer.LengthPrefix(1, headerBytes);
        if (block.Number != 0)
            writer.Number(1, block.Number);
        if (!block.PreviousHash.IsEmpty)
            writer.Bytes(2, block.PreviousHash.Span);

        writer.Bytes(3, block.DataHash.AsSpan());
        if (withEnvelopes)
        {
            writer.LengthPrefix(2, dataBytes);
            foreach (ReadOnlyMemory<byte> envelope in block.Envelopes)
                writer.Bytes(1, envelope.Span);
        }

        writer.LengthPrefix(3, metadataBytes);
        writer.Bytes(1, signatureSlot);
        for (int index = SignatureSlot + 1; index < BlockBytes.SlotCount; index++)
            writer.Bytes(1, block.Slot(index).Span);

        Invariant.Require(writer.Written == encoded.Length, "sizes were computed for these fields");
        return encoded;
    }
}
