using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
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

    private RunningOrderer(CancellationTokenSource stop, Task running, int port, int operationsPort)
    {
        _stop = stop;
        _running = running;
        Port = port;
        OperationsPort = operationsPort;
    }

    public int Port { get; }

    public int OperationsPort { get; }

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
        var started = new TaskCompletionSource<(int, int)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        Task running = OrdererHost.RunAsync(
            options, TimeProvider.System, (port, operations) => started.TrySetResult((port, operations)), stop.Token);
        await Task.WhenAny(started.Task, running).WaitAsync(Patience.Token);
        if (running.IsCompleted)
            await running;

        (int port, int operationsPort) = await started.Task;
        return new RunningOrderer(stop, running, port, operationsPort);
    }

    /// <param name="member">Presents this member's TLS certificate; null presents none.</param>
    public GrpcChannel Connect(TestNetwork network, MemberLayout? member)
    {
        var root = X509CertificateLoader.LoadCertificateFromFile(network.Orderer.NodeLayout.TlsRootFile);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { root },
                },
            },
        };
        if (member is not null)
        {
            handler.SslOptions.ClientCertificates =
                [X509Certificate2.CreateFromPemFile(member.TlsCertificateFile, member.TlsKeyFile)];
        }

        var options = new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true };
        return GrpcChannel.ForAddress($"https://localhost:{Port}", options);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
