using Google.Protobuf;
using Node.LyingOrderer;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Testing;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using TestOrderer = Node.LyingOrderer.LyingOrderer;

namespace Node.Peer.Tests.Pulling;

/// <summary>One peer and three orderers of its channel in this process, over sockets with TLS.</summary>
internal sealed class OrdererTrio : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly int[] _ports = new int[3];
    private readonly TestOrderer?[] _orderers = new TestOrderer?[3];
    private readonly HonestBlocks _blocks;
    private Task _peer = Task.CompletedTask;
    private int _operationsPort;

    private OrdererTrio()
    {
        _blocks = new HonestBlocks(Material.Genesis);
        _http = OperationsCaller.Create(Material.Org1.NodeLayout.TlsRootFile, Material.Org1.NodeLayout);
    }

    public TestNetwork Material { get; } = TestNetwork.Create(
        NetworkTopology.Default(orderers: 3, NetworkTopology.DefaultBasePort, KeyType.P256));

    public PeerNode Peer { get; private set; } = null!;   // Set when the peer has started.

    public PeerChannel Channel
    {
        get
        {
            Assert.True(Peer.TryFindChannel(Material.ChannelId, out PeerChannel? channel));
            return channel;
        }
    }

    public string DataFolder => Path.Combine(Material.Folder, "peer");

    public ulong Height => (ulong)_blocks.All.Count;

    public Hash32 HonestHash(ulong number)
    {
        BlockHeader header = _blocks.All[(int)number].Header;
        return Protocol.Canonical.BlockHash.Of(number, header.PreviousHash.Span, header.DataHash.Span);
    }

    public TestOrderer this[int index] =>
        _orderers[index] ?? throw new InvalidOperationException($"{index} is stopped.");

    public string NameOf(int index) => $"localhost:{_ports[index]}";

    /// <summary>
    /// The peer pulls from orderer 0, listens to all three, and has committed a contract's definition.
    /// </summary>
    public static async Task<OrdererTrio> StartAsync()
    {
        var trio = new OrdererTrio();
        for (int index = 0; index < 3; index++)
            await trio.StartOrdererAsync(index);

        // Alone there is no choice.
        await trio.StopOrdererAsync(1);
        await trio.StopOrdererAsync(2);
        await trio.StartPeerAsync();
        await trio.DefineContractAsync();
        await trio.StartOrdererAsync(1);
        await trio.StartOrdererAsync(2);
        await UntilAsync(
            () => trio[1].HeaderStreams > 0 && trio[2].HeaderStreams > 0, "the peer listens to all orderers");
        return trio;
    }

    public async Task StartOrdererAsync(int index)
    {
        string name = Material.Topology.OrdererOrganizations[0].Nodes[index].Name;
        MemberLayout layout = Material.Orderer.Layout.Node(name);
        TestOrderer orderer = await TestOrderer.StartAsync(new LyingOrdererOptions
        {
            ListenPort = _ports[index],
            MspId = Material.Orderer.MspId.Value,
            MspFolder = layout.Msp,
            TlsCertificateFile = layout.TlsCertificateFile,
            TlsKeyFile = layout.TlsKeyFile,
        });
        _ports[index] = orderer.Port;
        foreach (Block block in _blocks.All)
            orderer.Chain.Add(block);

        _orderers[index] = orderer;
    }

    public async Task StopOrdererAsync(int index)
    {
        if (Interlocked.Exchange(ref _orderers[index], null) is { } orderer)
            await orderer.DisposeAsync();
    }

    /// <summary>Two transactions, ordered by all orderers that run.</summary>
    public Block Order()
    {
        Block block = _blocks.Next(
            Transaction().Writing($"a{Height}", "1").ToEnvelope(),
            Transaction().Writing($"b{Height}", "2").ToEnvelope());
        foreach (TestOrderer? orderer in _orderers)
            orderer?.Chain.Add(block);

        return block;
    }

    /// <summary>Two transactions, ordered by all but one.</summary>
    public void OrderWithout(int index)
    {
        TestOrderer? left = Interlocked.Exchange(ref _orderers[index], null);
        Order();
        _orderers[index] = left;
    }

    /// <summary>A next block that the orderers never agreed on.</summary>
    public Block Invent()
    {
        var others = new HonestBlocks(_blocks.All[0]);
        foreach (Block block in _blocks.All.Skip(1))
            others.Next([.. block.Data.Data.Select(envelope => envelope.ToByteArray())]);

        return others.Next(Transaction().Writing("invented", "1").ToEnvelope());
    }

    public async Task<bool> HasMetricAsync(string line) =>
        (await MetricsAsync()).Contains(line, StringComparison.Ordinal);

    /// <summary>Until the peer has committed as many blocks.</summary>
    public Task HeightAsync(ulong height) =>
        WhileItRunsAsync(Channel.Commits.WaitForHeightAsync(height, CancellationToken.None).AsTask());

    // A peer that failed says why.
    private async Task WhileItRunsAsync(Task task) => await await Task.WhenAny(task, _peer).WaitAsync(Patience);

    public Task<string> MetricsAsync() => _http.GetStringAsync(new Uri($"https://localhost:{_operationsPort}/metrics"));

    public static Task UntilAsync(Func<bool> condition, string what) =>
        UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"awaited in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _peer.WaitAsync(Patience);
        for (int index = 0; index < 3; index++)
            await StopOrdererAsync(index);

        _stop.Dispose();
        _http.Dispose();
        Material.Dispose();
    }

    private Tx Transaction() =>
        Tx.Valid(Material.ChannelId, Material.Org1.User1, Material.Org1.Node, Material.Org2.Node)
            .At(TimeProvider.System.GetUtcNow());

    private async Task DefineContractAsync()
    {
        var policy = new ApplicationPolicy
        {
            SignaturePolicy = PolicyText.Parse("AND('Org1MSP.peer', 'Org2MSP.peer')"),
        };
        Block block = _blocks.Next(Definitions.Define(Transaction(), "hyperprov", policy.ToByteString()).ToEnvelope());
        this[0].Chain.Add(block);
        await HeightAsync(2);
    }

    private async Task StartPeerAsync()
    {
        NetworkOrganization organization = Material.Org1;
        var started = new TaskCompletionSource<(PeerNode, PeerPorts)>();
        var options = new PeerOptions
        {
            ListenPort = 0,
            Tls = new TlsFiles
            {
                CertificateFile = organization.NodeLayout.TlsCertificateFile,
                KeyFile = organization.NodeLayout.TlsKeyFile,
                RootFiles = [organization.NodeLayout.TlsRootFile],
            },
            MspId = organization.MspId.Value,
            MspFolder = organization.NodeLayout.Msp,
            DataFolder = DataFolder,
            GenesisBlockFiles = [Material.GenesisFile],
            OrdererEndpoints = [.. _ports.Select(port => new OrdererEndpointOverride
            {
                Host = "localhost",
                Port = port,
                TlsRootFiles = [Material.Orderer.NodeLayout.TlsRootFile],
            })],
            OperationsPort = 0,
            LogLevel = Microsoft.Extensions.Logging.LogLevel.Information,
        };
        _peer = PeerHost.RunAsync(
            options, TimeProvider.System, (node, ports) => started.SetResult((node, ports)), _stop.Token);
        await await Task.WhenAny(started.Task, _peer).WaitAsync(Patience);
        (PeerNode running, PeerPorts ports) = await started.Task;
        Peer = running;
        _operationsPort = ports.Operations ?? 0;
    }
}
