using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Hosting;

public class MetricsTextTests
{
    private static readonly ChannelId s_channel = ChannelId.Of("metricschannel");

    [Fact]
    public void Counters_add_up_and_gauges_are_read_when_asked()
    {
        using var text = new MetricsText(PeerMetrics.MeterName);
        using var metrics = new PeerMetrics();
        long waiting = 0;
        metrics.Observe("hyperprov_test_waiting", "Waiting.", s_channel, () => waiting);
        metrics.CountTransactions(s_channel, TxValidationCode.Valid, 3);
        metrics.CountTransactions(s_channel, TxValidationCode.Valid, 4);
        metrics.CountTransactions(s_channel, TxValidationCode.MvccReadConflict, 1);
        waiting = 5;

        string[] lines = text.Print().Split('\n');

        Assert.Contains("# TYPE hyperprov_transactions_total counter", lines);
        Assert.Contains("hyperprov_transactions_total{channel=\"metricschannel\",code=\"Valid\"} 7", lines);
        Assert.Contains("hyperprov_transactions_total{channel=\"metricschannel\",code=\"MvccReadConflict\"} 1", lines);
        Assert.Contains("hyperprov_test_waiting{channel=\"metricschannel\"} 5", lines);
    }
}
