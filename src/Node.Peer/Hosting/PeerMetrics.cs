using System.Diagnostics.Metrics;
using Node.Hosting.Operating;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Hosting;

/// <summary>The numbers a peer gives out, per channel and stage. Times are seconds, as in Fabric's metrics.</summary>
/// <remarks>Any thread. One per peer; its operations endpoint reads them through <see cref="Meter"/>.</remarks>
internal sealed class PeerMetrics : IDisposable
{
    private readonly Meter _meter = new("Hyperprov.Peer");
    private readonly Counter<long> _blocks;
    private readonly Counter<long> _transactions;
    private readonly Counter<double> _stageSeconds;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ordererFaults;
    private readonly Counter<long> _equivocations;
    private readonly Histogram<double> _stages;
    private readonly Histogram<long> _fill;
    private readonly Histogram<long> _bytes;

    public PeerMetrics()
    {
        _blocks = _meter.CreateCounter<long>("hyperprov_blocks_committed_total", description: "Blocks committed.");
        _transactions = _meter.CreateCounter<long>(
            "hyperprov_transactions_total", description: "Transactions committed, by validation code.");
        _stageSeconds = _meter.CreateCounter<double>(
            "hyperprov_stage_seconds_total", description: "Time blocks spent in each stage of the commit pipeline.");
        _refused = _meter.CreateCounter<long>("hyperprov_blocks_refused_total", description: "Blocks refused.");
        _ordererFaults = _meter.CreateCounter<long>(
            "hyperprov_orderer_faults_total", description: "Times an orderer was left, by what it did.");
        _equivocations = _meter.CreateCounter<long>(
            "hyperprov_equivocations_total", description: "Pairs of contradicting blocks that orderers signed.");
        _stages = _meter.CreateHistogram<double>(
            "hyperprov_block_stage_seconds", "s", "Time one block spent in each stage of the commit pipeline.");
        _fill = _meter.CreateHistogram(
            "hyperprov_block_transactions", unit: null, "Transactions of committed blocks.", tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = BlockSizes.Transactions });
        _bytes = _meter.CreateHistogram(
            "hyperprov_block_bytes", "By", "Bytes of committed blocks.", tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = BlockSizes.Bytes });
    }

    public Meter Meter => _meter;

    /// <summary>Adds a number that is read when somebody asks for it.</summary>
    public void Observe(string name, string description, ChannelId channel, Func<long> read) =>
        _meter.CreateObservableGauge(
            name,
            () => new Measurement<long>(read(), new KeyValuePair<string, object?>("channel", channel.Value)),
            unit: null,
            description);

    public void CountBlock(ChannelId channel, int transactions, int bytes)
    {
        KeyValuePair<string, object?> tag = Tag("channel", channel.Value);
        _blocks.Add(1, tag);
        _fill.Record(transactions, tag);
        _bytes.Record(bytes, tag);
    }

    public void CountRefusal(ChannelId channel) => _refused.Add(1, Tag("channel", channel.Value));

    public void CountOrdererFault(ChannelId channel, string orderer, string fault) =>
        _ordererFaults.Add(1, Tag("channel", channel.Value), Tag("orderer", orderer), Tag("fault", fault));

    public void CountEquivocation(ChannelId channel) => _equivocations.Add(1, Tag("channel", channel.Value));

    public void CountTransactions(ChannelId channel, TxValidationCode code, long count) =>
        _transactions.Add(count, Tag("channel", channel.Value), Tag("code", code.ToString()));

    public void AddStage(ChannelId channel, string stage, TimeSpan elapsed)
    {
        KeyValuePair<string, object?> ofChannel = Tag("channel", channel.Value);
        KeyValuePair<string, object?> ofStage = Tag("stage", stage);
        _stageSeconds.Add(elapsed.TotalSeconds, ofChannel, ofStage);
        _stages.Record(elapsed.TotalSeconds, ofChannel, ofStage);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
