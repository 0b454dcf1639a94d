using System.Globalization;
using Grpc.Core;
using Node.Ledger;

namespace Node.Peer.Delivering;

/// <summary>What is told about blocks that are part of the chain and whose bodies this peer does not hold.</summary>
internal static class PrunedBlocks
{
    /// <summary>A sentence that names the block, where whole ones begin, and whom to ask.</summary>
    public static string Describe(ChannelLedger ledger, ulong number) => string.Create(
        CultureInfo.InvariantCulture,
        $"block {number} is not held here any more: this peer was pruned or began with a snapshot, and its first whole "
        + $"block is {ledger.FirstBlockHeld}. Ask another peer, or an orderer");

    public static RpcException NotHeld(ChannelLedger ledger, ulong number) =>
        new(new Status(StatusCode.NotFound, Describe(ledger, number)));
}
