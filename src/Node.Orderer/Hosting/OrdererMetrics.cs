using System.Diagnostics.Metrics;
using Node.Hosting.Operating;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Hosting;

/// <summary>The figures of one orderer, for whoever listens to its meter.</summary>
internal sealed class OrdererMetrics : IDisposable
{
    private readonly Meter _meter = new("Hyperprov.Orderer");
    private readonly Counter<long> _blocks;
    private readonly Counter<long> _envelopes;
    private readonly Counter<long> _blockBytes;
    private readonly Counter<double> _blockSeconds;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _make;
    private readonly Histogram<long> _fill;

    public OrdererMetrics()
    {
        _blocks = _meter.CreateCounter<long>("orderer_blocks_total", description: "Blocks made");
        _envelopes = _meter.CreateCounter<long>("orderer_envelopes_total", description: "Envelopes in blocks made");
        _blockBytes = _meter.CreateCounter<long>("orderer_block_bytes_total", "By", "Bytes of blocks made");
        _blockSeconds = _meter.CreateCounter<double>("orderer_block_seconds_total", "s", "Time spent making blocks");
        _make = _meter.CreateHistogram<double>("orderer_block_make_seconds", "s", "Time spent making one block");
        _fill = _meter.CreateHistogram(
            "orderer_block_envelopes", unit: null, "Envelopes of blocks made", tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = BlockSizes.Transactions });
        _answers = _meter.CreateCounter<long>("orderer_answers_total", description: "Broadcast answers by status");
    }

    /// <summary>For the operations endpoint.</summary>
    public Meter Meter => _meter;

    public void BlockMade(ChannelId channel, int envelopes, int bytes, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("channel", channel.Value);
        _blocks.Add(1, tag);
        _envelopes.Add(envelopes, tag);
        _blockBytes.Add(bytes, tag);
        _blockSeconds.Add(duration.TotalSeconds, tag);
        _make.Record(duration.TotalSeconds, tag);
        _fill.Record(envelopes, tag);
    }

    public void Answered(Status status) => _answers.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <summary>Adds a number of each channel that is read whenever somebody asks for the figures.</summary>
    public void Observe(string name, string description, Func<IEnumerable<(ChannelId Channel, long Value)>> read) =>
        _meter.CreateObservableGauge(
            name,
            () => read().Select(each => new Measurement<long>(
                each.Value, new KeyValuePair<string, object?>("channel", each.Channel.Value))),
            unit: null,
            description);

    public void Dispose() => _meter.Dispose();
}
