using Node.Ledger.Blocks;
using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Snapshots;

/// <summary>Checks the blocks of a snapshot one by one, and writes what a ledger keeps of them.</summary>
/// <remarks>
/// Each must follow the one before it, by its hash and by the root of the chain tree that its orderers signed; so the
/// signatures of the last one vouch for all headers, and for the transactions root of every block.
/// </remarks>
internal sealed class SnapshotChain(LedgerDatabase database, ulong height, IBlockAuthority authority)
{
    private readonly MerkleNode[] _nodes = new MerkleNode[MerkleFrontier.CompletedMax];
    private ulong _newestConfig;   // Of block content, valid or not.

    /// <summary>After the last block so far.</summary>
    public LedgerTip Tip { get; private set; } = LedgerTip.Empty;

    /// <summary>Zero before block 0.</summary>
    public Hash32 GenesisHash { get; private set; }

    /// <summary>Takes the next block.</summary>
    /// <returns>What is wrong with it; null when it was added to the batch.</returns>
    public string? Add(BlockBytes block, StorageBatch batch)
    {
        bool isWhole = !BlockOutline.Is(block);
        string? fault = FaultOfChain(block, isWhole, out Hash32 transactionsRoot)
            ?? FaultOfParts(block, isWhole)
            ?? FaultOfConfig(block);
        if (fault is not null)
            return fault;
        if (!authority.TryCheck(block, out fault))
            return fault;

        Hash32? commitHash = TipCheck.CommitHashOf(block);
        if (commitHash is null != (block.Number == 0))
            return commitHash is null ? "it has no commit hash" : "block 0 has a commit hash";

        Hash32 leaf = BlockCommitments.ChainLeaf(block.HeaderBytes.Span, transactionsRoot);
        MerkleFrontier chain = Tip.Chain.Append(leaf, _nodes, out int completed);
        TreeStore.Put(batch, database, _nodes.AsSpan(0, completed));
        byte[] key = HeldBlocks.BlockKey(block.Number);
        batch.Put(key, block.Bytes.Span, database.Blocks);
        batch.Put(block.Hash.AsSpan(), key, database.Hashes);
        bool isConfigInForce = _newestConfig == block.Number && Filter(block).Span[0] == (byte)TxValidationCode.Valid;
        GenesisHash = block.Number == 0 ? block.Hash : GenesisHash;
        Tip = new LedgerTip(
            block.Number + 1, block.Hash, commitHash, isConfigInForce ? block.Number : Tip.LastConfigBlock, chain);
        return null;
    }

    private string? FaultOfChain(BlockBytes block, bool isWhole, out Hash32 transactionsRoot)
    {
        bool follows = isWhole
            ? ChainCheck.Follows(block, Tip, commitmentRequired: true, out transactionsRoot, out string? reason)
            : ChainCheck.OutlineFollows(block, Tip, out transactionsRoot, out reason);
        return follows ? null : reason;
    }

    private string? FaultOfParts(BlockBytes block, bool isWhole)
    {
        bool isLast = block.Number == height - 1;
        if (isLast && !isWhole)
            return "it is the last block, and its transactions are missing";
        if (isWhole && !isLast && !BlockOutline.IsConfig(block))
            return "its transactions are there, though it is not the last block and no configuration";

        int codes = Filter(block).Length;
        return codes == 0 || (isWhole && codes != block.Envelopes.Length)
            ? $"it has {codes} validation codes for {block.Envelopes.Length} transactions"
            : null;
    }

    // Each block names the newest configuration, itself included, under its orderers' signatures. So none is left out.
    private string? FaultOfConfig(BlockBytes block)
    {
        if (BlockOutline.IsConfig(block))
            _newestConfig = block.Number;

        if (!DecodedBlockSignatures.TryDecode(
            block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? slot, out string? fault))
            return fault;

        return slot.LastConfigIndex == _newestConfig
            ? null
            : $"it names block {slot.LastConfigIndex} as the newest configuration, here that is {_newestConfig}";
    }

    private static ReadOnlyMemory<byte> Filter(BlockBytes block) =>
        block.Slot((int)BlockMetadataIndex.TransactionsFilter);
}
