using Google.Protobuf;
using Grpc.Core;
using Node.Hosting.Tls;
using Node.Orderer.Hosting;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Tests.Hosting;

/// <summary>One orderer and the first peer of each organisation in this process, over real sockets with TLS.</summary>
internal sealed class RunningNetwork : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, Running> _running = [];
    private readonly Dictionary<string, int> _operationsPorts = [];
    private int _ordererPort;

    public TestNetwork Material { get; } = TestNetwork.Create();

    public PeerNode Peer1 => _running["peer1"].Node ?? throw new InvalidOperationException("Org1's peer does not run.");

    public PeerNode Peer2 => _running["peer2"].Node ?? throw new InvalidOperationException("Org2's peer does not run.");

    public static async Task<RunningNetwork> StartAsync()
    {
        var network = new RunningNetwork();
        await network.StartOrdererAsync();
        await network.StartPeerAsync("peer1", network.Material.Org1);
        await network.StartPeerAsync("peer2", network.Material.Org2);
        return network;
    }

    public PeerChannel ChannelOf(PeerNode node)
    {
        Assert.True(node.TryFindChannel(Material.ChannelId, out PeerChannel? channel));
        return channel;
    }

    public Tx Transaction() =>
        Tx.Valid(Material.ChannelId, Material.Org1.User1, Material.Org1.Node, Material.Org2.Node)
            .At(TimeProvider.System.GetUtcNow());

    public Task DefineContractAsync()
    {
        var policy = new ApplicationPolicy
        {
            SignaturePolicy = PolicyText.Parse("AND('Org1MSP.peer', 'Org2MSP.peer')"),
        };
        return BroadcastAsync(Definitions.Define(Transaction(), "hyperprov", policy.ToByteString()).ToEnvelope());
    }

    public Uri Operations(string name, string path) => new($"https://localhost:{_operationsPorts[name]}{path}");

    /// <summary>Sends envelopes to the orderer and expects each to be accepted.</summary>
    public async Task BroadcastAsync(params byte[][] envelopes)
    {
        TlsFiles files = TlsOf(Material.Org1);
        using NodeDialer dialer = new(
            ServerIdentity.Load(files.CertificateFile, files.KeyFile), TimeProvider.System);
        var client = new AtomicBroadcast.AtomicBroadcastClient(
            dialer.Dial("localhost", _ordererPort, [File.ReadAllBytes(Material.Orderer.NodeLayout.TlsRootFile)]));
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call = client.Broadcast();
        foreach (byte[] envelope in envelopes)
            await call.RequestStream.WriteAsync(Envelope.Parser.ParseFrom(envelope));

        for (int answer = 0; answer < envelopes.Length; answer++)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience));
            Assert.True(
                call.ResponseStream.Current.Status == Status.Success, call.ResponseStream.Current.Info);
        }

        await call.RequestStream.CompleteAsync();
    }

    public Task StartOrdererAsync()
    {
        var options = new OrdererOptions
        {
            ListenPort = _ordererPort,
            Tls = new OrdererTlsFiles
            {
                CertificateFile = Material.Orderer.NodeLayout.TlsCertificateFile,
                KeyFile = Material.Orderer.NodeLayout.TlsKeyFile,
                RootFiles = [Material.Orderer.NodeLayout.TlsRootFile],
            },
            MspId = Material.Orderer.MspId.Value,
            MspFolder = Material.Orderer.NodeLayout.Msp,
            DataFolder = Path.Combine(Material.Folder, "orderer"),
            GenesisBlockFiles = [Material.GenesisFile],
            LogLevel = "Warning",
        };
        return StartAsync("orderer", (started, stop) => OrdererHost.RunAsync(
            options,
            port =>
            {
                _ordererPort = port;
                started(null);
            },
            stop));
    }

    public Task StartPeerAsync(string name, NetworkOrganization organization)
    {
        var options = new PeerOptions
        {
            ListenPort = 0,
            Tls = TlsOf(organization),
            MspId = organization.MspId.Value,
            MspFolder = organization.NodeLayout.Msp,
            DataFolder = Path.Combine(Material.Folder, name),
            GenesisBlockFiles = [Material.GenesisFile],
            OrdererEndpoints =
            [
                new OrdererEndpointOverride
                {
                    Host = "localhost",
                    Port = _ordererPort,
                    TlsRootFiles = [Material.Orderer.NodeLayout.TlsRootFile],
                },
            ],
            OperationsPort = 0,
            LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning,
        };
        return StartAsync(name, (started, stop) =>
            PeerHost.RunAsync(
                options,
                TimeProvider.System,
                (node, ports) =>
                {
                    _operationsPorts[name] = ports.Operations ?? 0;
                    started(node);
                },
                stop));
    }

    public async Task StopAsync(string name)
    {
        if (_running.Remove(name, out Running? running))
            await running.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in (string[])[.. _running.Keys])
            await StopAsync(name);

        Material.Dispose();
    }

    private static TlsFiles TlsOf(NetworkOrganization organization) => new()
    {
        CertificateFile = organization.NodeLayout.TlsCertificateFile,
        KeyFile = organization.NodeLayout.TlsKeyFile,
        RootFiles = [organization.NodeLayout.TlsRootFile],
    };

    private async Task StartAsync(string name, Func<Action<PeerNode?>, CancellationToken, Task> run)
    {
        var running = new Running(run);
        _running.Add(name, running);
        await running.StartedAsync();
    }

    private sealed class Running
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _run;

        public Running(Func<Action<PeerNode?>, CancellationToken, Task> run) => _run = run(
            node =>
            {
                Node = node;
                _started.SetResult();
            },
            _stop.Token);

        public PeerNode? Node { get; private set; }

        public async Task StartedAsync() => await await Task.WhenAny(_started.Task, _run).WaitAsync(Patience);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _run.WaitAsync(Patience);
            _stop.Dispose();
        }
    }
}
