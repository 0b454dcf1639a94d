using System.Diagnostics.Metrics;
using Node.Hosting.Operating;
using Node.Testing.Figures;

namespace Node.Hosting.Tests;

public sealed class MetricsTextTests : IDisposable
{
    private readonly Meter _meter = new("Hyperprov.Same");

    [Fact]
    public void Counters_add_up_and_gauges_are_read_when_asked()
    {
        using var text = new MetricsText(_meter);
        Counter<long> blocks = _meter.CreateCounter<long>("ledger.blocks", description: "Blocks committed.");
        long waiting = 0;
        _meter.CreateObservableGauge("waiting", () => waiting);
        blocks.Add(2, Label("channel", "first"));
        blocks.Add(3, Label("channel", "first"));
        blocks.Add(1, Label("channel", "second"));
        waiting = 5;

        string[] lines = text.Print().Split('\n');

        Assert.Contains("# HELP ledger_blocks Blocks committed.", lines);
        Assert.Contains("# TYPE ledger_blocks counter", lines);
        Assert.Contains("ledger_blocks{channel=\"first\"} 5", lines);
        Assert.Contains("ledger_blocks{channel=\"second\"} 1", lines);
        Assert.Contains("waiting 5", lines);
    }

    [Fact]
    public void Two_nodes_in_one_process_do_not_add_up()
    {
        using var otherMeter = new Meter(_meter.Name);
        using var text = new MetricsText(_meter);
        using var otherText = new MetricsText(otherMeter);
        _meter.CreateCounter<long>("blocks_total").Add(1);
        otherMeter.CreateCounter<long>("blocks_total").Add(10);

        Assert.Contains("\nblocks_total 1\n", text.Print(), StringComparison.Ordinal);
        Assert.Contains("\nblocks_total 10\n", otherText.Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_what_is_at_most_each_bound()
    {
        using var text = new MetricsText(_meter);
        Histogram<double> seconds = _meter.CreateHistogram<double>(
            "stage_seconds", "s", "Time per stage.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (double value in (double[])[0.05, 0.1, 0.5, 3])
            seconds.Record(value, Label("stage", "verify"));

        ScrapedMetric metric = PrometheusText.Parse(text.Print())["stage_seconds"];

        Assert.Equal("histogram", metric.Type);
        Assert.Equal(
            [("0.1", 2), ("1", 3), ("+Inf", 4)],
            metric.Samples.Where(sample => sample.Name == "stage_seconds_bucket")
                .Select(sample => (sample.Labels["le"], (int)sample.Value)));
        Assert.Equal(3.65, metric.Samples.Single(sample => sample.Name == "stage_seconds_sum").Value, precision: 9);
        Assert.Equal(4, metric.Samples.Single(sample => sample.Name == "stage_seconds_count").Value);
    }

    [Fact]
    public void Quotes_backslashes_and_line_ends_arrive_as_they_were()
    {
        using var text = new MetricsText(_meter);
        const string Awkward = "a \"b\" \\c\nd";
        _meter.CreateCounter<long>("odd", description: Awkward).Add(1, Label("what", Awkward));

        ScrapedMetric metric = PrometheusText.Parse(text.Print())["odd"];

        Assert.Equal(Awkward, metric.Help);
        Assert.Equal(Awkward, metric.Samples.Single().Labels["what"]);
    }

    [Fact]
    public void What_is_no_longer_observed_is_no_longer_printed()
    {
        using var text = new MetricsText(_meter);
        List<string> channels = ["first", "second"];
        _meter.CreateObservableGauge(
            "height", () => channels.Select(channel => new Measurement<long>(7, Label("channel", channel))));
        Assert.Equal(2, PrometheusText.Parse(text.Print())["height"].Samples.Count);

        channels.Remove("first");

        Assert.Equal("second", PrometheusText.Parse(text.Print())["height"].Samples.Single().Labels["channel"]);
    }

    [Fact]
    public void A_gauge_that_cannot_be_read_takes_no_other_with_it()
    {
        using var text = new MetricsText(_meter);
        Func<long> broken = () => throw new ObjectDisposedException("ledger");
        _meter.CreateObservableGauge("broken", broken);
        _meter.CreateObservableGauge("whole", () => 3L);

        IReadOnlyDictionary<string, ScrapedMetric> metrics = PrometheusText.Parse(text.Print());

        Assert.False(metrics.ContainsKey("broken"));
        Assert.Equal(3, metrics["whole"].Samples.Single().Value);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        using var text = new MetricsText(_meter);
        Counter<long> counter = _meter.CreateCounter<long>("counted_total");
        KeyValuePair<string, object?> label = Label("channel", "mychannel");
        counter.Add(1, label);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
            counter.Add(1, label);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
