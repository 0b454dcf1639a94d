using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Hosting.Tracing;
using Node.Membership;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>Runs one peer: composes its rooms, serves until cancelled, stops in order.</summary>
public static class PeerHost
{
    // A silent connection is pinged while it has calls, streams included: one that is dead is found to be so within
    // five seconds. Each ping costs an idle node 300 bytes.
    private static readonly DialTimes s_dialTimes = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PingDelay = TimeSpan.FromSeconds(2),
        PingTimeout = TimeSpan.FromSeconds(2),
    };

    // Here nothing is open while nobody waits, so pings cost nothing. The least that the platform takes.
    private static readonly DialTimes s_endorserDialTimes = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(1),
        PingDelay = TimeSpan.FromSeconds(1),
        PingTimeout = TimeSpan.FromSeconds(1),
    };

    /// <summary>Longest wait for calls in progress when the peer stops.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Idle connections stay: Node clients ping every two minutes at most.</summary>
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Completes when the peer has stopped: all streams ended, everything durable, ledgers closed.</summary>
    /// <param name="started">Called once the peer serves, with the gRPC port.</param>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists every fault.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    /// <exception cref="LedgerCorruptException">A ledger in the data folder is damaged.</exception>
    /// <exception cref="StorageFailedException">A ledger cannot be opened.</exception>
    public static Task RunAsync(PeerOptions options, Action<int>? started, CancellationToken cancellationToken) =>
        RunAsync(options, TimeProvider.System, (_, ports) => started?.Invoke(ports.Rpc), cancellationToken);

    internal static async Task RunAsync(
        PeerOptions options,
        TimeProvider clock,
        Action<PeerNode, PeerPorts> started,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = options.FindFaults();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));

        // The commit loops hold a thread while the disk syncs; without spare ones, calls would wait for that.
        ThreadPool.SetMinThreads(Environment.ProcessorCount + 8, Environment.ProcessorCount + 8);

        using IDisposable? traces = TraceExport.Start(options.Telemetry, "hyperprov-peer", options.ExternalAddress);
        ServerIdentity? tls = options.TlsInUse is { } files
            ? ServerIdentity.Load(files.CertificateFile, files.KeyFile)
            : null;
        using var dialer = new NodeDialer(tls, clock, s_dialTimes);
        using var endorserDialer = new NodeDialer(tls, clock, s_endorserDialTimes);
        using NodeIdentity identity = NodeIdentity.Open(MspId.Of(options.MspId), options.MspFolder);
        using var certificates = new CertificateWatch(clock);
        var node = new PeerNode(identity, LoadMsp(options), options.ExternalAddress, dialer, clock)
        {
            Stopping = cancellationToken,
            EndorserDialer = endorserDialer,
            Certificates = certificates,
        };
        certificates.Add(tls);
        certificates.Add(identity);
        certificates.Add(new ChannelCertificates(node.MspId, () => node.Channels.Select(one => one.Config)).Read);
        using var metrics = new PeerMetrics();
        var levels = new LogLevels(LogSpec.Of(options.LogLevel));
        using OperationsEndpoint operations = OpenOperations(options, tls, node, metrics, levels);

        await using WebApplication application = Compose(options, tls, node, operations, levels);
        ILogger log = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hyperprov.Peer");
        var channels = new ChannelSet(node, options, metrics, log);
        await using (channels)
        {
            channels.Open();
            await application.StartAsync(cancellationToken);
            PeerLog.Started(log, node.Address, node.MspId, string.Join(' ', application.Urls), options.DataFolder);
            if (tls is null)
                Insecurity.Say(log, node.Address);

            channels.Start();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task watching = certificates.RunAsync(log, stop.Token);
            started(node, PeerPorts.Of(application.Urls, options));
            await channels.WaitForStopAsync(cancellationToken);
            PeerLog.Stopping(log, node.Address);
            await stop.CancelAsync();
            await watching;

            using var drain = new CancellationTokenSource(s_drainTimeout, node.Clock);
            await application.StopAsync(drain.Token);
        }
    }

    private static Msp LoadMsp(PeerOptions options) =>
        Msp.TryLoadFolder(MspId.Of(options.MspId), options.MspFolder, out Msp? msp, out string? fault)
            ? msp
            : throw new ArgumentException(fault, nameof(options));

    private static OperationsEndpoint OpenOperations(
        PeerOptions options, ServerIdentity? tls, PeerNode node, PeerMetrics metrics, LogLevels levels) =>
        new(new OperationsSetting
        {
            Address = IPAddress.Parse(options.OperationsAddress),
            Port = options.OperationsPort,
            Tls = OperationsTlsFiles.Open(
                options.OperationsTls, tls, OperationsTlsFiles.AuthoritiesOf(options.MspFolder)),
            Checks = new PeerHealth(node).Find,
            Levels = levels,
            Meters = node.Certificates is { } certificates ? [metrics.Meter, certificates.Meter] : [metrics.Meter],
            Clock = node.Clock,
        });

    private static WebApplication Compose(
        PeerOptions options, ServerIdentity? tls, PeerNode node, OperationsEndpoint operations, LogLevels levels)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddNode(levels, options.LogFormat);
        // Waiting for data before a buffer is taken costs a system call per read; idle connections are few here.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, tls, node, operations));
        builder.Services.AddRouting();
        builder.Services.AddSingleton(node);
        builder.Services.AddSingleton(node.Dialer);
        builder.Services.AddSingleton(options);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = Limits.GrpcMessageBytesMax;
            grpc.Interceptors.Add<FaultInterceptor>();
        });
        PeerServices.Add(builder.Services);

        WebApplication application = builder.Build();
        operations.Map(application);
        PeerServices.Map(application);
        return application;
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        PeerOptions options,
        ServerIdentity? tls,
        PeerNode node,
        OperationsEndpoint operations)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.KeepAliveTimeout = s_idleTimeout;
        limits.MaxRequestBodySize = null;        // Streams have no end; messages have their own limit.
        limits.MinRequestBodyDataRate = null;    // An event stream is silent for hours.
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = Limits.StreamsPerConnectionMax;
        limits.Http2.InitialStreamWindowSize = Http2Windows.StreamBytes;
        limits.Http2.InitialConnectionWindowSize = Http2Windows.ConnectionBytes;

        kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.ListenPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (options.TlsInUse is { } files && tls is not null)
                Serve(files, tls).Listen(listen);
        });
        operations.Listen(kestrel);

        ServerTls Serve(TlsFiles files, ServerIdentity own) => new(
            own,
            new ClientCertificates(
                files.ClientCertificateRequired, new ClientRoots(files.RootFiles, RootsOfChannels).Read),
            node.Clock,
            kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Hyperprov.Tls"));

        IEnumerable<ReadOnlyMemory<byte>> RootsOfChannels() => node.Channels
            .SelectMany(channel => channel.Config.ApplicationOrganizations)
            .SelectMany(organization => organization.TlsRootPems);
    }
}
