using System.Net;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Orderer.Delivering;
using Node.Orderer.Etcd;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Hosting;

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
        RunAsync(options, TimeProvider.System, (port, _) => started?.Invoke(port), cancellationToken);

    /// <param name="started">Is given the gRPC port and the operations port, 0 where there is none.</param>
    internal static async Task RunAsync(
        OrdererOptions options, TimeProvider clock, Action<int, int> started, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = options.FindFaults();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));

        using NodeIdentity identity = NodeIdentity.Open(MspId.Of(options.MspId), options.MspFolder);
        using var metrics = new OrdererMetrics();
        using ILoggerFactory loggers = LoggerFactory.Create(logging => ConfigureLogging(logging, options));
        ILogger logger = loggers.CreateLogger("Hyperprov.Orderer");
        ServerIdentity? tls = options.Tls is { } files
            ? ServerIdentity.Load(files.CertificateFile, files.KeyFile)
            : null;
        using EtcdLogEngine? etcd = options.Etcd is null ? null : new EtcdLogEngine(options.Etcd, tls, clock);
        ChannelDirectory channels = ChannelAssembly.Build(options, identity, metrics, logger, etcd, clock);
        using var certificates = new CertificateWatch(OrdererMetrics.MeterName, clock);
        certificates.Add(tls);
        certificates.Add(identity);
        certificates.Add(etcd?.Identity);
        certificates.Add(new ChannelCertificates(identity.MspId, () => ConfigsOf(channels)).Read);
        using var operations = new Operations(channels, certificates, clock);
        var setting = new DeliverSetting(channels, clock, options.Tls?.ClientCertificateRequired ?? false);
        await using WebApplication application = Compose(options, tls, setting, metrics, operations, loggers);

        await application.StartAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running =
        [
            .. channels.All.Select(channel => channel.RunAsync(stop.Token)),
            .. RunMember(options.Etcd, logger, clock, stop.Token),
        ];
        var health = new HealthSigns(channels, application.Services.GetRequiredService<HealthServiceImpl>());
        Task[] following =
        [
            .. channels.All.Select(channel => health.FollowAsync(channel, stop.Token)),
            certificates.RunAsync(logger, stop.Token),
        ];
        OrdererLog.Listening(logger, options.MspId, string.Join(' ', application.Urls), options.DataFolder);
        started(PortOf(application, listener: 0), PortOf(application, listener: 1));
        try
        {
            await WaitForStopAsync(running, cancellationToken);
        }
        finally
        {
            // Channels first: streams are then told to go elsewhere, and end by themselves.
            await stop.CancelAsync();
            await Task.WhenAll([.. running, .. following]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var drain = new CancellationTokenSource(s_drainTimeout, clock);
            await application.StopAsync(drain.Token);
            OrdererLog.Stopped(logger, options.MspId);
        }
    }

    /// <summary>A channel that ends while nobody asked for it is stopped for good, which is no reason to stop the
    /// others.</summary>
    private static async Task WaitForStopAsync(Task[] running, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration _ = cancellationToken.Register(stopped.SetResult);
        List<Task> watched = [stopped.Task, .. running];
        while (!stopped.Task.IsCompleted)
        {
            Task ended = await Task.WhenAny(watched);

            // What a channel cannot answer for is a fault of this program, and ends it.
            await ended;
            watched.Remove(ended);
        }
    }

    private static IEnumerable<ChannelConfig> ConfigsOf(ChannelDirectory channels) =>
        channels.All.Select(channel => channel.State.Run?.Context.Rules.Config).OfType<ChannelConfig>();

    private static IEnumerable<Task> RunMember(
        EtcdOptions? etcd, ILogger logger, TimeProvider clock, CancellationToken cancellationToken) =>
        etcd?.Member is { } member
            ? [new EtcdMember(etcd, member, logger, clock).RunAsync(cancellationToken)]
            : [];

    private static WebApplication Compose(
        OrdererOptions options,
        ServerIdentity? tls,
        DeliverSetting setting,
        OrdererMetrics metrics,
        Operations operations,
        ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        // Waiting for data before a buffer is taken costs a system call per read; idle connections are few here.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, tls, setting));
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

    private static void ConfigureLogging(ILoggingBuilder logging, OrdererOptions options)
    {
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel)).AddFilter("Microsoft", LogLevel.Warning)
            // Listening to this category makes the framework start an activity for every call.
            .AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.None);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
    }

    private static void Listen(
        KestrelServerOptions kestrel, OrdererOptions options, ServerIdentity? tls, DeliverSetting setting)
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
            if (tls is not null && options.Tls is { } files)
                Serve(tls, files).Listen(listen);
        });
        if (options.OperationsPort is { } port)
        {
            kestrel.Listen(
                IPAddress.Parse(options.OperationsAddress), port, listen => listen.Protocols = HttpProtocols.Http1);
        }

        ServerTls Serve(ServerIdentity own, OrdererTlsFiles files) => new(
            own,
            new ClientCertificates(files.ClientCertificateRequired, new ClientRoots(files, setting.Channels).Read),
            setting.Clock,
            kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Hyperprov.Tls"));
    }

    // Addresses are in the order in which the listeners were added.
    private static int PortOf(WebApplication application, int listener) =>
        application.Urls.Select(url => new Uri(url).Port).ElementAtOrDefault(listener);
}
