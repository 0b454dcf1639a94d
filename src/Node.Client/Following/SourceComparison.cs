using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// Holds what a source says against what is known, moves the chain forward where it fits, and looks for evidence
/// where it does not.
/// </summary>
/// <remarks>Owned by one light client; one call at a time.</remarks>
internal sealed class SourceComparison(LightChain chain)
{
    /// <summary>Goes to the source's newest block, or checks that it lies in the chain that is known.</summary>
    /// <param name="sources">All that may be asked for proofs.</param>
    /// <returns>True when the chain moved.</returns>
    /// <exception cref="ForkFoundException">The orderers signed two chains.</exception>
    /// <exception cref="CommitmentRefusedException">The source says what no orderer signed.</exception>
    public async Task<bool> AdvanceAsync(
        ICommitmentSource source, IReadOnlyList<ICommitmentSource> sources, CancellationToken cancellation)
    {
        ConfigurationBlock newest = await source.NewestAsync(cancellation).ConfigureAwait(false);
        ulong number = newest.Block?.Number ?? 0;
        if (number < chain.Tip.Number)
        {
            await CheckOlderAsync(source, newest, sources, cancellation).ConfigureAwait(false);
            return false;
        }

        ConfigurationBlock atTip = number == chain.Tip.Number
            ? newest
            : await source.BlockAsync(chain.Tip.Number, cancellation).ConfigureAwait(false);
        if (!IsTip(atTip))
            await RefuseAsync(source, atTip, sources, cancellation).ConfigureAwait(false);
        if (number == chain.Tip.Number)
            return false;

        if (number == chain.Tip.Number + 1)
            await AppendAsync(source, newest, cancellation).ConfigureAwait(false);
        else
            await JumpAsync(source, newest, cancellation).ConfigureAwait(false);

        return true;
    }

    /// <summary>Takes in the block that follows the tip.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    public async Task AppendAsync(ICommitmentSource source, ConfigurationBlock next, CancellationToken cancellation)
    {
        if (chain.TryAppend(next, out ForkEvidence? evidence, out string? fault))
            return;

        // Two blocks of one number say more than a block that does not follow, so those are looked for first.
        ConfigurationBlock atTip = await source.BlockAsync(chain.Tip.Number, cancellation).ConfigureAwait(false);
        if (chain.EvidenceOf(TipBlock(), atTip) is { } better)
            throw new ForkFoundException(better);
        if (evidence is not null)
            throw new ForkFoundException(evidence);

        throw new CommitmentRefusedException(source.Name, fault);
    }

    /// <summary>Holds a block that comes late against the one that was taken in.</summary>
    /// <param name="known">Null when it is too old to be at hand: the blocks that follow will show it.</param>
    /// <inheritdoc cref="AdvanceAsync"/>
    public void Compare(ICommitmentSource source, ConfigurationBlock late, ConfigurationBlock? known)
    {
        if (known is null || ForkSearch.IsSame(known, late))
            return;
        if (chain.EvidenceOf(known, late) is { } evidence)
            throw new ForkFoundException(evidence);
        if (!chain.TryVerify(late, out _, out string? fault))
            throw new CommitmentRefusedException(source.Name, fault);
    }

    /// <summary>Checks that a block is signed, and that the tip's chain holds it.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    public async Task<VerifiedBlock> VerifyAsync(
        ICommitmentSource source, ulong number, CancellationToken cancellation)
    {
        ConfigurationBlock block = await source.BlockAsync(number, cancellation).ConfigureAwait(false);
        if (!chain.TryVerify(block, out VerifiedBlock? verified, out string? fault))
            throw new CommitmentRefusedException(source.Name, fault);
        if (verified.Number != number)
            throw new CommitmentRefusedException(source.Name, $"it gives block {verified.Number} for {number}");
        if (number == chain.Tip.Number)
            return IsTip(block)
                ? verified
                : throw new CommitmentRefusedException(source.Name, $"its block {number} is not ours");

        Hash32[] path = await source.InclusionAsync(number, chain.Tip.Number, cancellation).ConfigureAwait(false);
        return MerkleProofs.VerifyInclusion(
            verified.Leaf, number, chain.Tip.Number, path, chain.Tip.Roots.Chain)
            ? verified
            : throw new CommitmentRefusedException(
                source.Name, $"block {number} is not in the chain that block {chain.Tip.Number} commits to");
    }

    private async Task JumpAsync(ICommitmentSource source, ConfigurationBlock newest, CancellationToken cancellation)
    {
        ulong number = newest.Block.Number;
        IReadOnlyList<ConfigurationBlock> configurations = await source.ConfigurationsAsync(
            chain.Tip.Number + 1, number, cancellation).ConfigureAwait(false);
        ConfigurationBlock before = await source.BlockAsync(number - 1, cancellation).ConfigureAwait(false);
        Hash32[] inclusion = await source.InclusionAsync(number - 1, number, cancellation).ConfigureAwait(false);
        Hash32[] consistency = await source.ConsistencyAsync(
            chain.Tip.Number + 1, number, cancellation).ConfigureAwait(false);

        // Whose signatures and roots these are shows when the tree has the root that the newest block commits to.
        if (!LeafOf(before, out Hash32 leaf)
            || !TreeShape.TryFromLastLeaf(number, leaf, inclusion, out MerkleFrontier? frontier))
            throw new CommitmentRefusedException(source.Name, $"its path of block {number - 1} leads nowhere");
        if (!chain.TryJump(newest.Block, configurations, consistency, frontier, out string? fault))
            throw new CommitmentRefusedException(source.Name, fault);
    }

    private static bool LeafOf(ConfigurationBlock block, out Hash32 leaf)
    {
        leaf = default;
        if (!SignedBlockCheck.TryRead(block.Block, out VerifiedBlock? read, out _))
            return false;

        leaf = read.Leaf;
        return true;
    }

    // The source is behind: its newest block must be one of ours, which anybody may show.
    private async Task CheckOlderAsync(
        ICommitmentSource source,
        ConfigurationBlock older,
        IReadOnlyList<ICommitmentSource> sources,
        CancellationToken cancellation)
    {
        if (!chain.TryVerify(older, out VerifiedBlock? verified, out string? fault))
            throw new CommitmentRefusedException(source.Name, fault);

        foreach (ICommitmentSource other in sources)
        {
            if (other == source)
                continue;

            try
            {
                VerifiedBlock ours = await VerifyAsync(other, verified.Number, cancellation).ConfigureAwait(false);
                if (!ours.Contradicts(verified))
                    return;

                await SearchAsync(other, source, verified.Number, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is GatewayException or PeerUnreachableException or CommitmentRefusedException)
            {
                // Others may show it; if nobody does, the source is not believed.
                fault = e.Message;
            }
        }

        throw new CommitmentRefusedException(
            source.Name, fault ?? $"nobody shows that its block {verified.Number} is in the chain that is known");
    }

    private async Task RefuseAsync(
        ICommitmentSource source,
        ConfigurationBlock atTip,
        IReadOnlyList<ICommitmentSource> sources,
        CancellationToken cancellation)
    {
        // Both chains may have parted long before, with configurations of their own since.
        foreach (ICommitmentSource other in sources.Where(other => other != source))
        {
            try
            {
                ConfigurationBlock same = await other.BlockAsync(chain.Tip.Number, cancellation).ConfigureAwait(false);
                if (IsTip(same))
                    await SearchAsync(other, source, chain.Tip.Number, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is GatewayException or PeerUnreachableException)
            {
                // The tip itself may be evidence enough.
            }
        }

        if (chain.EvidenceOf(TipBlock(), atTip) is { } evidence)
            throw new ForkFoundException(evidence);

        throw new CommitmentRefusedException(
            source.Name, $"its block {chain.Tip.Number} is another one than the one known, and not signed by " +
                "the orderers");
    }

    private async Task SearchAsync(
        ICommitmentSource ours, ICommitmentSource other, ulong differing, CancellationToken cancellation)
    {
        (ConfigurationBlock first, ConfigurationBlock second) =
            await ForkSearch.FirstDifferenceAsync(ours, other, differing, cancellation).ConfigureAwait(false);
        if (chain.EvidenceOf(first, second) is { } evidence)
            throw new ForkFoundException(evidence);
    }

    private ConfigurationBlock TipBlock() => new() { Block = chain.TipMessage };

    private bool IsTip(ConfigurationBlock block) => ForkSearch.IsSame(TipBlock(), block);
}
