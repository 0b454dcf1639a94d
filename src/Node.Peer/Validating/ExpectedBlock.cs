using Node.Ledger;
using Node.Protocol;

namespace Node.Peer.Validating;

/// <summary>The only block that may come next.</summary>
/// <param name="PreviousHash">The hash of the block before; not looked at for block 0, which has none.</param>
internal readonly record struct ExpectedBlock(ulong Number, Hash32 PreviousHash)
{
    public static ExpectedBlock After(LedgerTip tip) => new(tip.Height, tip.LastBlockHash);
}
