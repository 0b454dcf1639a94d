using Microsoft.Extensions.Logging;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Committing;

/// <summary>
/// What a channel does about its disk: stops before it is full, stops when it fails, says so, probes, and goes on by
/// itself.
/// </summary>
/// <remarks>
/// Called by the channel's commit loop only, which is the only writer, so nothing is written meanwhile; reads go on. An
/// engine that runs out of space in the middle of a write has to be closed and opened again, so that is avoided while
/// it can be.
/// </remarks>
internal sealed class StorageWatch(
    PeerChannel channel, string folder, Func<string, DiskSpace> disk, TimeProvider clock, ILogger log)
{
    /// <summary>Time between two looks at the disk.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Free bytes kept for what the engine writes in the background: at most this, on small disks a part.
    /// </summary>
    public const long SpareBytesMax = 64L << 20;

    /// <summary>On small disks, one part in so many is kept free.</summary>
    public const int SparePart = 16;

    // A block is written to the log, then as a blob, and its values twice more.
    private const int WritesOfBlock = 4;

    public StorageWatch(PeerChannel channel, string folder, TimeProvider clock, ILogger log)
        : this(channel, folder, DiskSpace.Of, clock, log)
    {
    }

    /// <summary>Completes when there is space for a block. At once in the common case.</summary>
    public ValueTask WaitForSpaceAsync(int blockBytes, CancellationToken cancellationToken)
    {
        DiskSpace space = disk(folder);
        long needed = SpareOf(space) + ((long)WritesOfBlock * blockBytes);
        return space.Free >= needed ? ValueTask.CompletedTask : StopForSpaceAsync(space, needed, cancellationToken);
    }

    /// <summary>Completes when the ledger takes writes again after one failed.</summary>
    public async ValueTask WaitUntilMendedAsync(StorageFailedException failure, CancellationToken cancellationToken)
    {
        channel.Fault = failure.Message;
        PeerLog.StorageFailed(log, channel.Id, failure.Message, folder);
        do
        {
            await Task.Delay(ProbeInterval, clock, cancellationToken);
        }
        while (!TryMend());

        GoOn();
    }

    private static long SpareOf(DiskSpace space) => Math.Min(SpareBytesMax, space.Total / SparePart);

    private async ValueTask StopForSpaceAsync(DiskSpace space, long needed, CancellationToken cancellationToken)
    {
        channel.Fault = $"only {space.Free >> 10} KB are free on the disk of {folder}, {needed >> 10} KB are needed";
        PeerLog.StorageFailed(log, channel.Id, channel.Fault + ".", folder);
        do
        {
            await Task.Delay(ProbeInterval, clock, cancellationToken);
        }
        while (disk(folder).Free < needed);

        GoOn();
    }

    private void GoOn()
    {
        channel.Fault = null;
        PeerLog.StorageRecovered(log, channel.Id, channel.Ledger.Height);
    }

    // Until there is space the old ledger stays open, so that reads go on. Then it must go first: one process, one
    // lock.
    private bool TryMend()
    {
        DiskSpace space = disk(folder);
        if (space.Free < SpareOf(space) || space.Total == 0)
            return false;

        channel.Ledger.Dispose();
        try
        {
            channel.Adopt(channel.Ledger.OpenAnew());
            return true;
        }
        catch (StorageFailedException e)
        {
            // Also while somebody still reads a snapshot of the old one; that ends soon.
            channel.Fault = e.Message;
            return false;
        }
    }
}
