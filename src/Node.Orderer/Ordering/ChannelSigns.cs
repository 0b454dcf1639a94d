using Microsoft.Extensions.Logging;
using Node.Orderer.Hosting;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>What one channel shows of itself: log lines and figures.</summary>
internal sealed class ChannelSigns(ChannelId channel, ILogger logger, OrdererMetrics metrics)
{
    public ChannelId Channel => channel;

    public ILogger Logger => logger;

    /// <param name="making">Cutting aside, what the block took until it was signed.</param>
    /// <param name="storing">What it took from then on until it lay in the store.</param>
    public void BlockMade(MadeBlock block, TimeSpan making, TimeSpan storing)
    {
        metrics.BlockMade(channel, block.EnvelopeCount, block.Image.Length, making + storing);
        OrdererLog.BlockMade(
            logger, channel, block.Number, block.EnvelopeCount, block.Image.Length, (long)making.TotalMicroseconds,
            (long)storing.TotalMicroseconds, block.Number + 1);
    }
}
