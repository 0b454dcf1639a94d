using Google.Protobuf;
using Node.Ledger;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Proving;

/// <summary>Takes out of committed blocks what their orderers signed, for those who do not have the blocks.</summary>
/// <remarks>Any thread. The blocks are the ledger's own: what cannot be read there is corruption.</remarks>
internal static class SignedBlocks
{
    /// <summary>The block, without its envelopes where its body is not held here any more.</summary>
    /// <exception cref="LedgerCorruptException">The ledger's own block cannot be read.</exception>
    public static BlockBytes Read(ChannelLedger ledger, ulong number)
    {
        string? fault = null;
        return ledger.TryReadOutline(number, out byte[]? bytes)
            && BlockBytes.TryDecode(bytes, out BlockBytes? block, out fault)
            ? block
            : throw new LedgerCorruptException(fault ?? "the block is missing", ledger.Folder, number);
    }

    /// <summary>The signed part of a block. Block 0 is unsigned: its hash alone speaks for it.</summary>
    public static SignedBlock Of(BlockBytes block) =>
        SignedBlockReader.TryRead(block, out SignedBlock? signed, out string? fault)
            ? signed
            : throw new LedgerCorruptException(fault, "the signature slot", block.Number);

    /// <summary>With the envelope where it carries a configuration.</summary>
    public static ConfigurationBlock WithConfiguration(BlockBytes block)
    {
        var result = new ConfigurationBlock { Block = Of(block) };
        if (BlockVerifier.IsConfigBlock(block))
            result.Envelope = ByteString.CopyFrom(block.Envelopes[0].Span);

        return result;
    }

    /// <summary>The numbers of the configuration blocks among the first blocks, in order.</summary>
    /// <param name="from">The lowest number of interest.</param>
    /// <param name="upToIncluding">A committed block's.</param>
    /// <param name="countMax">Fewer than one more than this are returned.</param>
    /// <returns>Null when there are more than <paramref name="countMax"/>.</returns>
    public static List<ulong>? ConfigurationsAmong(
        ChannelLedger ledger, ulong from, ulong upToIncluding, int countMax)
    {
        var numbers = new List<ulong>();
        ulong at = SignaturesOf(Read(ledger, upToIncluding)).LastConfigIndex;
        while (at >= from)
        {
            if (numbers.Count == countMax)
                return null;

            numbers.Add(at);
            if (at == 0)
                break;

            // Each block names the newest configuration at its time, itself included: the one before it, the next.
            ulong before = SignaturesOf(Read(ledger, at - 1)).LastConfigIndex;
            if (before >= at)
                throw new LedgerCorruptException("a block names a later configuration block", ledger.Folder, at - 1);

            at = before;
        }

        numbers.Reverse();
        return numbers;
    }

    private static DecodedBlockSignatures SignaturesOf(BlockBytes block) =>
        DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures),
            out DecodedBlockSignatures? signatures,
            out string? fault)
            ? signatures
            : throw new LedgerCorruptException(fault, "the signature slot", block.Number);
}
