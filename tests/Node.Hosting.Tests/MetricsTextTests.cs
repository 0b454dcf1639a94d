using System.Diagnostics.Metrics;
using Node.Hosting.Operating;

namespace Node.Hosting.Tests;

public class MetricsTextTests
{
    [Fact]
    public void Counters_add_up_and_gauges_are_read_when_asked()
    {
        using var text = new MetricsText("hyperprov.test.sums");
        using var meter = new Meter("hyperprov.test.sums");
        Counter<long> blocks = meter.CreateCounter<long>("ledger.blocks", description: "Blocks committed.");
        long waiting = 0;
        meter.CreateObservableGauge("waiting", () => waiting);
        Add(2, "first");
        Add(3, "first");
        Add(1, "second");
        waiting = 5;

        string[] lines = text.Print().Split('\n');

        Assert.Contains("# HELP ledger_blocks Blocks committed.", lines);
        Assert.Contains("# TYPE ledger_blocks counter", lines);
        Assert.Contains("ledger_blocks{channel=\"first\"} 5", lines);
        Assert.Contains("ledger_blocks{channel=\"second\"} 1", lines);
        Assert.Contains("waiting 5", lines);

        void Add(long count, string channel) =>
            blocks.Add(count, new KeyValuePair<string, object?>("channel", channel));
    }
}
