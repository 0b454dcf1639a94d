using System.Diagnostics.CodeAnalysis;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Blocks;

/// <summary>
/// Decides whether a block as a whole is the next one of the channel: number, hashes, envelopes in their one encoding,
/// the orderer's signature under /Channel/Orderer/BlockValidation, and a commitment of a known format.
/// </summary>
/// <remarks>
/// Pure. The commitment's roots need the chain's tree and are checked where that is: at commit. Block 0 comes from a
/// file that a person chose and never through here.
/// </remarks>
public static class BlockVerifier
{
    private const string BlockValidation = "/Channel/Orderer/BlockValidation";

    /// <param name="next">What must follow this block.</param>
    /// <param name="fault">What is wrong, with the value and what it should be.</param>
    public static bool TryVerify(
        BlockBytes block,
        ExpectedBlock expected,
        ChannelConfig config,
        out ExpectedBlock next,
        [NotNullWhen(false)] out string? fault)
    {
        next = new ExpectedBlock(block.Number + 1, block.Hash);
        fault = FaultOfHeader(block, expected) ?? FaultOfEnvelopes(block) ?? FaultOfSignatures(block, config);
        return fault is null;
    }

    /// <summary>
    /// Whether what the orderer committed to is the chain so far: the roots of the block's transactions and of all
    /// blocks before it, and the newest configuration.
    /// </summary>
    /// <param name="chain">The tree over all blocks before.</param>
    /// <param name="lastConfig">The newest block before with a configuration.</param>
    /// <param name="next">The tree with this block in it.</param>
    public static bool TryFollow(
        BlockBytes block,
        MerkleFrontier chain,
        ulong lastConfig,
        [NotNullWhen(true)] out MerkleFrontier? next,
        [NotNullWhen(false)] out string? fault)
    {
        next = null;
        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out fault)
            || !signatures.TryGetRoots(out BlockRoots roots, out fault))
            return false;

        Hash32 transactions = block.ComputeTransactionsRoot();
        ulong config = IsConfigBlock(block) ? block.Number : lastConfig;
        if (roots.Transactions != transactions)
            fault = $"it commits to transactions root {roots.Transactions}, its envelopes give {transactions}";
        else if (roots.Chain != chain.Root)
            fault = $"it commits to chain root {roots.Chain}, ours is {chain.Root}: the chains have forked";
        else if (signatures.LastConfigIndex != config)
            fault = $"it names block {signatures.LastConfigIndex} as the newest configuration, that is block {config}";
        else
            next = chain.Append(BlockCommitments.ChainLeaf(block.HeaderBytes.Span, transactions));

        return next is not null;
    }

    /// <summary>True when the block brings a configuration: its only envelope then is of type CONFIG.</summary>
    public static bool IsConfigBlock(BlockBytes block) =>
        block.Envelopes.Length == 1
        && DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _)
        && envelope.Type == HeaderType.Config;

    private static string? FaultOfHeader(BlockBytes block, ExpectedBlock expected)
    {
        if (block.Number != expected.Number)
            return $"it has number {block.Number}, the next one is {expected.Number}";

        if (!block.PreviousHash.Span.SequenceEqual(expected.PreviousHash.AsSpan()))
        {
            string named = Convert.ToHexStringLower(block.PreviousHash.Span);
            return $"it follows a block with hash {named}, ours has {expected.PreviousHash}: the chains have forked";
        }

        return block.ComputeDataHash() == block.DataHash ? null : "its data are not those that its header names";
    }

    private static string? FaultOfEnvelopes(BlockBytes block)
    {
        ReadOnlySpan<ReadOnlyMemory<byte>> envelopes = block.Envelopes;
        if (envelopes.IsEmpty)
            return "it holds no transaction";

        if (IsConfigBlock(block))
            return null;

        for (int index = 0; index < envelopes.Length; index++)
        {
            if (!CanonicalEnvelope.IsCanonical(envelopes[index].Span, out string? fault))
                return $"transaction {index}: {fault}";
        }

        return null;
    }

    private static string? FaultOfSignatures(BlockBytes block, ChannelConfig config)
    {
        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signatures, out string? fault)
            || !signatures.TryGetRoots(out _, out fault))
            return fault;

        if (config.FindPolicy(BlockValidation) is not { } policy)
            return $"the channel has no policy {BlockValidation}";

        ReadOnlySpan<BlockSignature> all = signatures.Signatures;
        var signed = new SignedBytes[all.Length];
        for (int index = 0; index < all.Length; index++)
        {
            byte[] message = signatures.SignedBytes(all[index], block.HeaderBytes.Span);
            signed[index] = new SignedBytes(message, all[index].Creator, all[index].Signature);
        }

        var signers = new Identity?[all.Length];
        int count = SignatureSets.Verify(config, signed, signers);
        return IsSatisfied(policy, signers.AsSpan(0, count))
            ? null
            : $"its signatures do not satisfy {BlockValidation}";
    }

    private static bool IsSatisfied(Policy policy, ReadOnlySpan<Identity?> signers)
    {
        // A policy may name any member of an orderer organisation; yet its clients and administrators make no blocks.
        var orderers = new List<Identity>(signers.Length);
        foreach (Identity? signer in signers)
        {
            if (signer is { Role: NodeRole.Orderer or NodeRole.None })
                orderers.Add(signer);
        }

        return policy.IsSatisfiedBy([.. orderers]);
    }
}
