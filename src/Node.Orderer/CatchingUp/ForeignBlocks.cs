using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.CatchingUp;

/// <summary>Decides whether a block made by another orderer is the next one here. Pure.</summary>
internal static class ForeignBlocks
{
    /// <param name="made">The block with the tip behind it.</param>
    /// <param name="next">The configuration in force behind it: another one behind a config block.</param>
    /// <param name="fault">What is wrong, with the value and what it should be.</param>
    public static bool TryAccept(
        ReadOnlyMemory<byte> bytes,
        ChainTip tip,
        ChannelConfig config,
        [NotNullWhen(true)] out MadeBlock? made,
        [NotNullWhen(true)] out ChannelConfig? next,
        [NotNullWhen(false)] out string? fault)
    {
        made = null;
        next = config;
        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out fault)
            || !BlockVerifier.TryVerify(block, new ExpectedBlock(tip.Height, tip.LastHash), config, out _, out fault)
            || !TryReadRoots(block, tip, out LogPosition position, out fault))
            return false;

        bool isConfig = BlockVerifier.IsConfigBlock(block);
        if (isConfig && !ConfigTransactions.TryCheck(config, block.Envelopes[0], out next, out fault))
            return false;

        Hash32 leaf = BlockCommitments.ChainLeaf(block.HeaderBytes.Span, block.ComputeTransactionsRoot());
        ulong lastConfig = isConfig ? block.Number : tip.LastConfig;
        var behind = new ChainTip(tip.Height + 1, block.Hash, lastConfig, position, tip.Chain.Append(leaf));
        made = new MadeBlock(block.Number, BlockImage.Of(bytes), block.Envelopes.Length, isConfig, behind);
        next ??= config;
        fault = null;
        return true;
    }

    private static bool TryReadRoots(
        BlockBytes block, ChainTip tip, out LogPosition position, [NotNullWhen(false)] out string? fault)
    {
        position = default;
        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out fault)
            || !signatures.TryGetRoots(out BlockRoots roots, out fault))
            return false;

        if (roots.Transactions != block.ComputeTransactionsRoot())
            fault = "its commitment names another root of its transactions";
        else if (roots.Chain != tip.Chain.Root)
            fault = $"its commitment names chain root {roots.Chain}, ours is {tip.Chain.Root}: the chains have forked";
        else if (roots.LogPosition.Length != LogPosition.Bytes)
            fault = $"its log position has {roots.LogPosition.Length} bytes, this log's have {LogPosition.Bytes}";
        else
            position = LogPosition.Read(roots.LogPosition.Span);

        return fault is null;
    }
}
