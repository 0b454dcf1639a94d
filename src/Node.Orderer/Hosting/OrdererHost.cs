using System.Diagnostics.Metrics;
using System.Net;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Idling;
using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Hosting.Tracing;
using Node.Membership;
using Node.Orderer.Delivering;
using Node.Orderer.Etcd;
using Node.Orderer.Ordering;
using Node.Orderer.Participating;
using Node.Protocol;

namespace Node.Orderer.Hosting;

/// <summary>Where an orderer listens; 0 where it does not.</summary>
internal sealed record OrdererPorts(int Grpc, int Operations, int Admin);

/// <summary>Runs one orderer: composes its rooms, serves until cancelled, stops in order.</summary>
public static class OrdererHost
{
    private const int StreamWindowBytes = 1 << 20;
    private const int ConnectionWindowBytes = 4 << 20;

    /// <summary>Longest wait for calls in progress when the orderer stops.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Idle connections stay: Node clients ping every two minutes at most.</summary>
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Completes when the orderer has stopped: streams ended, stores closed.</summary>
    /// <param name="started">Called once the orderer serves, with the gRPC port.</param>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists every fault.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static Task RunAsync(OrdererOptions options, Action<int>? started, CancellationToken cancellationToken) =>
        RunAsync(options, TimeProvider.System, ports => started?.Invoke(ports.Grpc), cancellationToken);

    /// <param name="started">Called once the orderer serves.</param>
    internal static async Task RunAsync(
        OrdererOptions options, TimeProvider clock, Action<OrdererPorts> started, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = options.FindFaults();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));

        using IDisposable? traces = TraceExport.Start(
            options.Telemetry, "hyperprov-orderer",
            FormattableString.Invariant($"{options.MspId}:{options.ListenPort}"));
        using NodeIdentity identity = NodeIdentity.Open(MspId.Of(options.MspId), options.MspFolder);
        using var metrics = new OrdererMetrics();
        var levels = new LogLevels(LogSpec.Of(Enum.Parse<LogLevel>(options.LogLevel)));
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddNode(levels, options.LogFormat));
        ILogger logger = loggers.CreateLogger("Hyperprov.Orderer");
        ServerIdentity? tls = options.TlsInUse is { } files
            ? ServerIdentity.Load(files.CertificateFile, files.KeyFile)
            : null;
        using EtcdLogEngine? etcd = options.Etcd is null ? null : new EtcdLogEngine(options.Etcd, tls, clock);
        var assembly = new ChannelAssembly(options, identity, metrics, logger, etcd, clock);
        ChannelDirectory channels = assembly.Build();
        using var certificates = new CertificateWatch(clock);
        ServerIdentity? adminTls = options.Admin is { Tls: var admins }
            ? ServerIdentity.Load(admins.CertificateFile, admins.KeyFile)
            : null;
        certificates.Add(tls);
        certificates.Add(adminTls);
        certificates.Add(identity);
        certificates.Add(etcd?.Identity);
        certificates.Add(new ChannelCertificates(identity.MspId, () => ConfigsOf(channels)).Read);
        using OperationsEndpoint operations = OpenOperations(
            options, tls, new OrdererHealth(channels, certificates), [metrics.Meter, certificates.Meter], levels,
            clock);
        var setting = new DeliverSetting(channels, clock, options.TlsInUse?.ClientCertificateRequired ?? false);
        await using WebApplication application = Compose(options, tls, setting, metrics, operations, loggers);

        await application.StartAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] members = [.. RunMember(options.Etcd, etcd, channels, logger, clock, stop.Token)];
        var health = new HealthSigns(channels, application.Services.GetRequiredService<HealthServiceImpl>());
        Task watching = certificates.RunAsync(logger, stop.Token);
        await using var roster = new ChannelRoster(
            channels, assembly.Folder, assembly.Channel, assembly.EngineOf, health.FollowAsync, logger);
        roster.Start();
        await using AdminEndpoint? admin = options.Admin is null || adminTls is null
            ? null
            : await AdminEndpoint.StartAsync(options.Admin, adminTls, roster, clock, loggers, cancellationToken);
        OrdererLog.Listening(logger, options.MspId, string.Join(' ', application.Urls), options.DataFolder);
        if (tls is null)
            Insecurity.Say(logger, $"the orderer of {options.MspId}");

        void Rest() => RestAll(channels);
        IdleTrim.Resting += Rest;
        started(new OrdererPorts(PortOf(application, listener: 0), PortOf(application, listener: 1), admin?.Port ?? 0));
        try
        {
            await WaitForStopAsync(roster, members, cancellationToken);
        }
        finally
        {
            IdleTrim.Resting -= Rest;

            // Channels first: streams are then told to go elsewhere, and end by themselves.
            if (admin is not null)
                await admin.DisposeAsync();

            await stop.CancelAsync();
            await roster.DisposeAsync();
            await Task.WhenAll([watching, .. members]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var drain = new CancellationTokenSource(s_drainTimeout, clock);
            await application.StopAsync(drain.Token);
            OrdererLog.Stopped(logger, options.MspId);
        }
    }

    private static void RestAll(ChannelDirectory channels)
    {
        foreach (OrderingChannel channel in channels.All)
        {
            try
            {
                channel.State.Run?.Rest();
            }
            catch (Exception e) when (e is StorageFailedException or LedgerCorruptException)
            {
                // Whoever writes next meets it, and says so.
            }
        }
    }

    private static async Task WaitForStopAsync(
        ChannelRoster roster, Task[] others, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration _ = cancellationToken.Register(stopped.SetResult);
        await roster.WatchAsync(stopped.Task, others);
    }

    private static IEnumerable<ChannelConfig> ConfigsOf(ChannelDirectory channels) =>
        channels.All.Select(channel => channel.State.Run?.Context.Rules.Config).OfType<ChannelConfig>();

    private static IEnumerable<Task> RunMember(
        EtcdOptions? options, EtcdLogEngine? engine, ChannelDirectory channels, ILogger logger, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (options?.Member is not { } member || engine is null)
            return [];

        var running = new EtcdMember(options, member, logger, clock)
        {
            Tips = cancellation => engine.TipsAsync(channels.All.Count, cancellation),
            Admitted = () => engine.Admitted.TrySetResult(),
        };
        return [running.RunAsync(cancellationToken)];
    }

    private static WebApplication Compose(
        OrdererOptions options,
        ServerIdentity? tls,
        DeliverSetting setting,
        OrdererMetrics metrics,
        OperationsEndpoint operations,
        ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        // Waiting for data before a buffer is taken costs a system call per read; idle connections are few here.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, tls, setting, operations));
        builder.Services.AddRouting();
        builder.Services.AddSingleton(setting);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton<AtomicBroadcastService>();
        builder.Services.AddSingleton<HealthServiceImpl>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = OrdererLimits.MessageBytesMax;
            grpc.Interceptors.Add<FaultInterceptor>();
        });

        WebApplication application = builder.Build();
        operations.Map(application);
        application.MapGrpcService<AtomicBroadcastService>();
        application.MapGrpcService<HealthServiceImpl>();
        return application;
    }

    private static OperationsEndpoint OpenOperations(
        OrdererOptions options,
        ServerIdentity? tls,
        OrdererHealth health,
        IReadOnlyList<Meter> meters,
        LogLevels levels,
        TimeProvider clock) =>
        new(new OperationsSetting
        {
            Address = IPAddress.Parse(options.OperationsAddress),
            Port = options.OperationsPort,
            Tls = OperationsTlsFiles.Open(
                options.OperationsTls, tls, OperationsTlsFiles.AuthoritiesOf(options.MspFolder)),
            Checks = health.Find,
            Levels = levels,
            Meters = meters,
            Clock = clock,
        });

    private static void Listen(
        KestrelServerOptions kestrel,
        OrdererOptions options,
        ServerIdentity? tls,
        DeliverSetting setting,
        OperationsEndpoint operations)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.KeepAliveTimeout = s_idleTimeout;
        limits.MaxRequestBodySize = null;        // Streams have no end; messages have their own limit.
        limits.MinRequestBodyDataRate = null;    // A follower's request stream is silent for ever.
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = Limits.StreamsPerConnectionMax;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;

        kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.ListenPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (tls is not null && options.TlsInUse is { } files)
                Serve(tls, files).Listen(listen);
        });
        operations.Listen(kestrel);

        ServerTls Serve(ServerIdentity own, OrdererTlsFiles files) => new(
            own,
            new ClientCertificates(
                files.ClientCertificateRequired, new ClientRoots(files.RootFiles, RootsOfChannels).Read),
            setting.Clock,
            kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Hyperprov.Tls"));

        IEnumerable<ReadOnlyMemory<byte>> RootsOfChannels() => setting.Channels.All.SelectMany(RootsOf);
    }

    // A channel that is still being opened has none yet.
    private static IEnumerable<ReadOnlyMemory<byte>> RootsOf(OrderingChannel channel)
    {
        if (channel.State.Run is not { } run)
            return [];

        ChannelConfig config = run.Context.Rules.Config;
        return config.ApplicationOrganizations.SelectMany(organization => organization.TlsRootPems)
            .Concat(config.Orderer.Endpoints.SelectMany(endpoint => endpoint.TlsRootPems));
    }

    // Addresses are in the order in which the listeners were added.
    private static int PortOf(WebApplication application, int listener) =>
        application.Urls.Select(url => new Uri(url).Port).ElementAtOrDefault(listener);
}
