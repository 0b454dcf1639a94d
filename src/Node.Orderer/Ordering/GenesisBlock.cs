using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Orderer.Log;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Ordering;

/// <summary>Block 0 of a channel, read from a file and checked.</summary>
internal sealed class GenesisBlock
{
    private GenesisBlock(ChannelConfig config, ReadOnlyMemory<byte> bytes, ChainTip tip)
    {
        Config = config;
        Bytes = bytes;
        Tip = tip;
    }

    public ChannelId Channel => Config.Id;

    public ChannelConfig Config { get; }

    /// <summary>The serialized common.Block.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What block 1 is built on.</summary>
    public ChainTip Tip { get; }

    public static bool TryDecode(
        byte[] bytes, [NotNullWhen(true)] out GenesisBlock? genesis, [NotNullWhen(false)] out string? fault)
    {
        genesis = null;
        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out fault))
            return false;

        fault = FaultOf(block);
        if (fault is not null || !ChannelConfig.TryFromConfigBlock(bytes, out ChannelConfig? config, out fault))
            return false;

        Hash32 leaf = BlockCommitments.ChainLeaf(block.HeaderBytes.Span, block.ComputeTransactionsRoot());
        MerkleFrontier chain = MerkleFrontier.Empty.Append(leaf);
        var tip = new ChainTip(Height: 1, block.Hash, LastConfig: 0, LogPosition.Start, chain);
        genesis = new GenesisBlock(config, bytes, tip);
        return true;
    }

    private static string? FaultOf(BlockBytes block)
    {
        if (!IsInFieldOrder(block))
            return "its parts stand in an unusual order: write it again with a current tool";
        if (block.Number != 0 || !block.PreviousHash.IsEmpty)
            return $"it is block {block.Number}, not a genesis block";
        if (block.DataHash != block.ComputeDataHash())
            return "its data hash does not fit its data";
        if (block.Slot((int)BlockMetadataIndex.Signatures).IsEmpty)
            return null;
        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out string? fault))
            return fault;

        return signatures.ConsenterMetadata.IsEmpty ? null : FaultOfCommitment(block, signatures);
    }

    // Blocks are served in slices of their bytes, which needs header, data and metadata one behind the other.
    private static bool IsInFieldOrder(BlockBytes block)
    {
        int last = 0;
        var reader = new WireReader(block.Bytes.Span);
        while (reader.Next())
        {
            if (reader.Field <= last)
                return false;

            last = reader.Field;
        }

        return true;
    }

    // Blocks made by Fabric's tools carry no commitment; ours must be right.
    private static string? FaultOfCommitment(BlockBytes block, DecodedBlockSignatures signatures)
    {
        if (!signatures.TryGetRoots(out BlockRoots roots, out string? fault))
            return fault;

        bool right = roots.Chain == MerkleHash.Empty && roots.Transactions == block.ComputeTransactionsRoot();
        return right ? null : "its commitment does not fit its data";
    }
}
