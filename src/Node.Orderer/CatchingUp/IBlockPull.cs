using Node.Membership;
using Node.Protocol;

namespace Node.Orderer.CatchingUp;

/// <summary>How an orderer gets blocks from others: over the network, or a simulated one.</summary>
internal interface IBlockPull
{
    /// <summary>Offers blocks from <paramref name="start"/> on until the taker has enough, one orderer after the
    /// other.</summary>
    /// <param name="take">Why the block is refused, null when it was taken; and whether more are wanted.</param>
    /// <exception cref="StorageFailedException">No orderer has the blocks now. Try again.</exception>
    Task RunAsync(
        Func<ulong> start,
        IReadOnlyList<OrdererEndpoint> orderers,
        Func<ReadOnlyMemory<byte>, (string? Refusal, bool WantsMore)> take,
        CancellationToken cancellationToken);
}
