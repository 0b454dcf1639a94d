using Microsoft.Extensions.Logging;
using Node.Orderer.Hosting;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>What one channel shows of itself: log lines and figures.</summary>
internal sealed class ChannelSigns(ChannelId channel, ILogger logger, OrdererMetrics metrics)
{
    public ChannelId Channel => channel;

    public ILogger Logger => logger;

    public void BlockMade(MadeBlock block, TimeSpan duration)
    {
        metrics.BlockMade(channel, block.EnvelopeCount, block.Image.Length, duration);
        OrdererLog.BlockMade(
            logger, channel, block.Number, block.EnvelopeCount, block.Image.Length, duration.TotalMilliseconds);
    }
}
