using System.Diagnostics.CodeAnalysis;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Ledger.Blocks;

/// <summary>
/// Whether a block is the next one of a chain: number, hashes, roots. Signatures are checked elsewhere.
/// </summary>
public static class ChainCheck
{
    /// <param name="transactionsRoot">Of the block's envelopes, computed here.</param>
    /// <param name="reason">Names what does not fit, with both values.</param>
    public static bool Follows(
        BlockBytes block,
        LedgerTip tip,
        bool commitmentRequired,
        out Hash32 transactionsRoot,
        [NotNullWhen(false)] out string? reason)
    {
        transactionsRoot = default;
        reason = FaultOfHeader(block, tip) ?? FaultOfData(block) ?? FaultOfEnvelopes(block);
        if (reason is not null)
            return false;

        transactionsRoot = block.ComputeTransactionsRoot();
        reason = FaultOfRoots(block, tip, transactionsRoot, commitmentRequired);
        return reason is null;
    }

    /// <summary>The same of a block without its envelopes, as far as it goes.</summary>
    /// <param name="transactionsRoot">As the block commits to it.</param>
    internal static bool OutlineFollows(
        BlockBytes block, LedgerTip tip, out Hash32 transactionsRoot, [NotNullWhen(false)] out string? reason)
    {
        transactionsRoot = default;
        reason = FaultOfHeader(block, tip);
        if (reason is not null || !TryReadRoots(block, out BlockRoots roots, out reason))
            return false;

        transactionsRoot = roots.Transactions;
        reason = FaultOfChainRoot(roots, tip);
        return reason is null;
    }

    private static string? FaultOfHeader(BlockBytes block, LedgerTip tip)
    {
        if (block.Number != tip.Height)
            return $"its number is {block.Number}, the next block is {tip.Height}";

        ReadOnlySpan<byte> expected = tip.Height == 0 ? [] : tip.LastBlockHash.AsSpan();
        if (!block.PreviousHash.Span.SequenceEqual(expected))
        {
            return $"its previous hash is {Convert.ToHexStringLower(block.PreviousHash.Span)}, "
                + $"the last block's is {Convert.ToHexStringLower(expected)}";
        }

        return null;
    }

    private static string? FaultOfData(BlockBytes block)
    {
        Hash32 dataHash = block.ComputeDataHash();
        return dataHash == block.DataHash
            ? null
            : $"its data hash is {block.DataHash}, its envelopes give {dataHash}";
    }

    private static string? FaultOfEnvelopes(BlockBytes block)
    {
        ReadOnlySpan<ReadOnlyMemory<byte>> envelopes = block.Envelopes;
        if (envelopes.IsEmpty)
            return "it holds no envelope";

        for (int index = 0; index < envelopes.Length; index++)
        {
            if (!CanonicalEnvelope.IsCanonical(envelopes[index].Span, out string? fault)
                && !(envelopes.Length == 1 && IsConfig(envelopes[index])))
                return $"envelope {index}: {fault}";
        }

        return null;
    }

    private static bool IsConfig(ReadOnlyMemory<byte> envelope) =>
        DecodedEnvelope.TryDecode(envelope, out DecodedEnvelope? decoded, out _) && decoded.Type == HeaderType.Config;

    private static string? FaultOfRoots(
        BlockBytes block, LedgerTip tip, Hash32 transactionsRoot, bool commitmentRequired)
    {
        if (!TryReadRoots(block, out BlockRoots roots, out string? fault))
            return commitmentRequired ? fault : null;

        return roots.Transactions == transactionsRoot
            ? FaultOfChainRoot(roots, tip)
            : $"it commits to transactions root {roots.Transactions}, its envelopes give {transactionsRoot}";
    }

    private static bool TryReadRoots(BlockBytes block, out BlockRoots roots, [NotNullWhen(false)] out string? fault)
    {
        roots = default;
        ReadOnlyMemory<byte> slot = block.Slot((int)BlockMetadataIndex.Signatures);
        return DecodedBlockSignatures.TryDecode(slot, out DecodedBlockSignatures? signatures, out fault)
            && signatures.TryGetRoots(out roots, out fault);
    }

    private static string? FaultOfChainRoot(in BlockRoots roots, LedgerTip tip) =>
        roots.Chain == tip.Chain.Root
            ? null
            : $"it commits to chain root {roots.Chain}, the blocks before it give {tip.Chain.Root}";
}
