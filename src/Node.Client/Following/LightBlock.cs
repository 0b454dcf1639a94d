using Node.Membership.Blocks;
using Node.Protocol;

namespace Node.Client.Following;

/// <summary>A block as a light client knows it: by what its orderers signed, and in its place in the chain.</summary>
/// <param name="Hash">Of its header.</param>
/// <param name="TransactionsRoot">Over its envelopes: hold the block's data against it.</param>
/// <param name="ChainRoot">Over all blocks before it.</param>
/// <param name="CarriesConfiguration">It changed the channel's configuration, which was checked and adopted.</param>
/// <param name="Signers">The orderers, by name; none for block 0.</param>
public sealed record LightBlock(
    ulong Number,
    Hash32 Hash,
    Hash32 TransactionsRoot,
    Hash32 ChainRoot,
    bool CarriesConfiguration,
    IReadOnlyList<string> Signers)
{
    internal static LightBlock Of(VerifiedBlock block) => new(
        block.Number,
        block.Hash,
        block.Roots.Transactions,
        block.Roots.Chain,
        block.LastConfig == block.Number,
        [.. block.Signers.Select(signer => signer.ToString())]);
}
