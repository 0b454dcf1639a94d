using Grpc.Net.Client;
using Node.Membership.Material;
using Node.Orderer.Hosting;
using Node.Testing;

namespace Node.Orderer.Tests.Building;

/// <summary>A whole orderer in this process: sockets, TLS, disk.</summary>
internal sealed class RunningOrderer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _running;

    private readonly OrdererPorts _ports;

    private RunningOrderer(CancellationTokenSource stop, Task running, OrdererPorts ports)
    {
        _stop = stop;
        _running = running;
        _ports = ports;
    }

    public int Port => _ports.Grpc;

    public int OperationsPort => _ports.Operations;

    public int AdminPort => _ports.Admin;

    public static OrdererOptions OptionsFor(TestNetwork network, bool clientCertificateRequired) => new()
    {
        ListenPort = 0,
        OperationsPort = 0,
        LogLevel = "None",
        MspId = network.Orderer.MspId.Value,
        MspFolder = network.Orderer.NodeLayout.Msp,
        DataFolder = Path.Combine(network.Folder, "data"),
        GenesisBlockFiles = [network.GenesisFile],
        Tls = new OrdererTlsFiles
        {
            CertificateFile = network.Orderer.NodeLayout.TlsCertificateFile,
            KeyFile = network.Orderer.NodeLayout.TlsKeyFile,
            RootFiles = [network.Orderer.NodeLayout.TlsRootFile],
            ClientCertificateRequired = clientCertificateRequired,
        },
    };

    public static async Task<RunningOrderer> StartAsync(OrdererOptions options)
    {
        var started = new TaskCompletionSource<OrdererPorts>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        Task running = OrdererHost.RunAsync(
            options, TimeProvider.System, ports => started.TrySetResult(ports), stop.Token);
        await Task.WhenAny(started.Task, running).WaitAsync(Patience.Token);
        if (running.IsCompleted)
            await running;

        return new RunningOrderer(stop, running, await started.Task);
    }

    /// <param name="member">Presents this member's TLS certificate; null presents none.</param>
    public GrpcChannel Connect(TestNetwork network, MemberLayout? member) => GrpcChannel.ForAddress(
        $"https://localhost:{Port}",
        new GrpcChannelOptions
        {
            HttpHandler = TlsTransport.To(network.Orderer.NodeLayout.TlsRootFile, member), DisposeHttpClient = true,
        });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
