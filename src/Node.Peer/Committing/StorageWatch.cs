using Microsoft.Extensions.Logging;
using Node.Ledger;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Committing;

/// <summary>What a channel does when its disk fails: stops, says so, probes, and goes on when the ledger opens again.</summary>
/// <remarks>Called by the channel's commit loop only, which is the only writer, so nothing is written meanwhile.</remarks>
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

    private bool TryMend() => new DriveInfo(folder).AvailableFreeSpace >= FreeBytesMin;
}
