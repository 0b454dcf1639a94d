using Microsoft.Extensions.Logging;
using Node.Ledger;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Committing;

/// <summary>
/// What a channel does when its disk fails: stops, says so, probes, and goes on when the ledger opens again.
/// </summary>
/// <remarks>
/// Called by the channel's commit loop only, which is the only writer, so nothing is written meanwhile.
/// </remarks>
internal sealed class StorageWatch(PeerChannel channel, string folder, TimeProvider clock, ILogger log)
{
    /// <summary>Time between two looks at the disk.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>Free bytes on the disk without which the ledger is not opened again.</summary>
    public const long FreeBytesMin = 64L << 20;

    /// <summary>Completes when the ledger takes writes again.</summary>
    public async ValueTask WaitUntilMendedAsync(StorageFailedException failure, CancellationToken cancellationToken)
    {
        channel.Fault = failure.Message;
        PeerLog.StorageFailed(log, channel.Id, failure.Message, folder);
        do
        {
            await Task.Delay(ProbeInterval, clock, cancellationToken);
        }
        while (!TryMend());

        channel.Fault = null;
        PeerLog.StorageRecovered(log, channel.Id, channel.Ledger.Height);
    }

    // Until there is space the old ledger stays open, so that reads go on. Then it must go first: one process, one
    // lock.
    private bool TryMend()
    {
        if (FreeBytes() < FreeBytesMin)
            return false;

        channel.Ledger.Dispose();
        try
        {
            channel.Adopt(ChannelLedger.Open(folder, channel.Id, LedgerOptions.Default));
            return true;
        }
        catch (StorageFailedException e)
        {
            // Also while somebody still reads a snapshot of the old one; that ends soon.
            channel.Fault = e.Message;
            return false;
        }
    }

    private long FreeBytes()
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
