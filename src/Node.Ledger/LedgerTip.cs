using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Ledger;

/// <summary>What the next block has to follow. Durable when it is published.</summary>
/// <param name="Height">Count of blocks; the number of the next one.</param>
/// <param name="LastBlockHash">Zero while there is no block.</param>
/// <param name="CommitHash">Null until block 1.</param>
/// <param name="LastConfigBlock">The newest block whose configuration transaction is valid; 0 at first.</param>
/// <param name="Chain">The chain tree over all blocks: its root is what the next block commits to.</param>
public sealed record LedgerTip(
    ulong Height, Hash32 LastBlockHash, Hash32? CommitHash, ulong LastConfigBlock, MerkleFrontier Chain)
{
    public static LedgerTip Empty { get; } = new(
        Height: 0, Hash32.Zero, CommitHash: null, LastConfigBlock: 0, MerkleFrontier.Empty);
}
