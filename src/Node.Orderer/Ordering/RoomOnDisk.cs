namespace Node.Orderer.Ordering;

/// <summary>Holds a channel's blocks back while its disk is full, since others go on filling the log.</summary>
/// <remarks>Owned by the block loop. What is held back stays in the log, or other orderers have it as blocks.</remarks>
internal sealed class RoomOnDisk(DiskWatch disk, ChannelSigns signs, TimeProvider clock)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns when there is room for what a batch of this size becomes.</summary>
    public async ValueTask WaitAsync(int batchBytes, CancellationToken cancellationToken)
    {
        if (disk.FindFault(batchBytes) is not { } fault)
            return;

        OrdererLog.DiskFullForBlocks(signs.Logger, signs.Channel, fault);
        while (disk.FindFault(batchBytes) is not null)
            await Task.Delay(s_lookEvery, clock, cancellationToken);

        OrdererLog.DiskHasRoom(signs.Logger, signs.Channel);
    }
}
