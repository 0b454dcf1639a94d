using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Renewing;
using Node.Orderer.Broadcasting;
using Node.Orderer.Delivering;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Blocks;
using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>One channel of an orderer on a real store, without the network in front of it.</summary>
internal sealed class OrdererBench : IAsyncDisposable
{
    private const long TotalBytes = 160L << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly OrdererMetrics _metrics = new();
    private readonly OrderingQueue _queue = new();
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private OrdererBench(TestChannel channel, byte[] genesisBlock)
    {
        Channel = channel;
        Assert.True(GenesisBlock.TryDecode(genesisBlock, out GenesisBlock? genesis, out string? fault), fault);
        Genesis = genesis;
        ConfigTransactions = new ConfigTransactions(NodeIdentity.Of(channel.Orderer), Clock);
        Checks = new EnvelopeChecks(ConfigTransactions, Clock);
        var signs = new ChannelSigns(genesis.Channel, NullLogger.Instance, _metrics);
        Parts = new RunParts(
            StoreFolder, NodeIdentity.Of(channel.Orderer), _queue, Checks, signs, Clock,
            new LocalLogEngine(StoreFolder))
        {
            Disk = new DiskWatch(StoreFolder, _ => (FreeBytes, TotalBytes)),
        };
        Ordering = new OrderingChannel(JoinBlock.Of(genesis), Parts);
        Directory = new ChannelDirectory([Ordering]);
    }

    /// <summary>What the disk says is free.</summary>
    public long FreeBytes { get; set; } = TotalBytes;

    public TestChannel Channel { get; }

    public GenesisBlock Genesis { get; }

    public FixedClock Clock { get; } = new();

    public EnvelopeChecks Checks { get; }

    public ConfigTransactions ConfigTransactions { get; }

    public RunParts Parts { get; }

    public OrderingChannel Ordering { get; private set; }

    public ChannelDirectory Directory { get; private set; }

    public string StoreFolder => _folder.Sub("store");

    /// <summary>A bench whose channel is not running yet.</summary>
    public static OrdererBench Create(TestChannel? channel = null)
    {
        channel ??= new TestChannel();
        return new OrdererBench(channel, new TestChain(channel).Genesis);
    }

    /// <summary>A bench whose channel begins with this configuration.</summary>
    public static OrdererBench CreateWith(TestChannel channel, Config config) =>
        new(channel, GenesisOf.Config(channel, config));

    public static async Task<OrdererBench> StartAsync(TestChannel? channel = null)
    {
        OrdererBench bench = Create(channel);
        await bench.StartAsync();
        return bench;
    }

    /// <summary>Returns when the channel runs.</summary>
    public async Task StartAsync()
    {
        Begin();
        await UntilAsync(state => state.Run is not null);
    }

    public void Begin()
    {
        Ordering = new OrderingChannel(JoinBlock.Of(Genesis), Parts);
        Directory = new ChannelDirectory([Ordering]);
        _stop = new CancellationTokenSource();
        _running = Ordering.RunAsync(_stop.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    public Task UntilAsync(Func<ChannelState, bool> condition) => Ordering.UntilAsync(condition);

    /// <summary>Sends these envelopes on one stream and returns the answers.</summary>
    public async Task<List<BroadcastResponse>> BroadcastAsync(params IEnumerable<byte[]> envelopes)
    {
        TestRequests<EnvelopeBytes> requests =
            new TestRequests<EnvelopeBytes>().Send(envelopes.Select(bytes => new EnvelopeBytes(bytes))).HalfClose();
        var responses = new TestResponses<BroadcastResponse>();
        await new BroadcastStream(Directory, keepsOpen: false, _ => { }).RunAsync(requests, responses, Patience.Token);
        return responses.Rest();
    }

    public Task<List<DeliverResponse>> DeliverAsync(params IEnumerable<byte[]> seeks) =>
        DeliverAsync(bindsTls: false, presented: null, seeks);

    /// <summary>Sends these seeks on one stream and returns what came until the call ended.</summary>
    public async Task<List<DeliverResponse>> DeliverAsync(
        bool bindsTls, Hash32? presented, params IEnumerable<byte[]> seeks)
    {
        TestRequests<EnvelopeBytes> requests =
            new TestRequests<EnvelopeBytes>().Send(seeks.Select(bytes => new EnvelopeBytes(bytes))).HalfClose();
        var responses = new TestResponses<DeliverFrame>();
        await NewDeliverStream(bindsTls, presented).RunAsync(requests, responses, Patience.Token);
        return responses.Rest().ConvertAll(Frames.Decode);
    }

    public DeliverStream NewDeliverStream(bool bindsTls = false, Hash32? presented = null) =>
        new(new DeliverSetting(Directory, Clock, bindsTls), presented, (_, _) => { });

    /// <summary>Waits for a block and decodes it.</summary>
    public async Task<BlockBytes> BlockAsync(ulong number)
    {
        Assert.NotNull(Ordering.State.Run);
        BlockFeed feed = Ordering.State.Run.Feed;
        await feed.WaitForAsync(number, Patience.Token);
        Assert.True(feed.TryRead(number, out BlockImage image));
        Assert.True(BlockBytes.TryDecode(image.ToWhole(), out BlockBytes? block, out string? fault), fault);
        return block;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
            await StopAsync();
        _metrics.Dispose();
        Channel.Dispose();
        _folder.Dispose();
    }
}
