using Microsoft.Extensions.Logging;
using Node.Peer.Hosting;

namespace Node.Peer.Pulling;

/// <summary>What the block source of one channel shares with the commit loop and with metrics.</summary>
internal sealed record PullParts(
    OrdererBook Book, WitnessBoard Board, ForkReports Reports, PeerMetrics Metrics, ILogger Log)
{
    public static PullParts Of(
        PeerChannel channel, EvidenceFolder evidence, PeerMetrics metrics, TimeProvider clock, ILogger log)
    {
        var book = new OrdererBook(clock);
        var reports = new ForkReports(channel, evidence, book, metrics, log);
        return new PullParts(book, new WitnessBoard(channel, reports), reports, metrics, log);
    }
}
