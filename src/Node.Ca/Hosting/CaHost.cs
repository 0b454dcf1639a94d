using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Ca.Admitting;
using Node.Ca.Answering;
using Node.Ca.Enrolling;
using Node.Ca.Registering;
using Node.Ca.Revoking;
using Node.Ca.Storing;
using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Renewing;
using Node.Hosting.Tls;
using Node.Membership.Issuing;
using Node.Protocol;

namespace Node.Ca.Hosting;

/// <summary>What tests set otherwise than a process does.</summary>
internal sealed record CaSetting(TimeProvider Clock, int SecretIterations, Func<TimeProvider, AttemptPair> Attempts)
{
    public static CaSetting OfProcess { get; } = new(
        TimeProvider.System, CaLimits.SecretIterations, AttemptPair.Create);
}

/// <summary>Runs one certificate authority: opens its store, serves until cancelled, stops in order.</summary>
public static class CaHost
{
    /// <summary>Of the instruments of an authority.</summary>
    /// <summary>Longest wait for calls in progress when the server stops.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_headersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Completes when the server has stopped and its store is closed.</summary>
    /// <param name="askRegistrar">
    /// Called when the store is new and so needs its first registrar; null where nobody can be asked.
    /// </param>
    /// <param name="started">Called once the server answers, with its port.</param>
    /// <exception cref="ArgumentException">
    /// The options cannot be used, or there is no first registrar; the message lists every fault.
    /// </exception>
    /// <exception cref="StorageFailedException">The store cannot be opened, or a write failed.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static Task RunAsync(
        CaOptions options,
        Func<RegistrarCredential?> askRegistrar,
        Action<int>? started,
        CancellationToken cancellationToken) =>
        RunAsync(options, CaSetting.OfProcess, askRegistrar, port => started?.Invoke(port), cancellationToken);

    internal static async Task RunAsync(
        CaOptions options,
        CaSetting setting,
        Func<RegistrarCredential?> askRegistrar,
        Action<int> started,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = options.FindFaults();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));

        var levels = new LogLevels(LogSpec.Of(Enum.Parse<LogLevel>(options.LogLevel)));
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddNode(levels, options.LogFormat));
        ILogger logger = loggers.CreateLogger("Hyperprov.Ca");
        using CaAuthorities authorities = LoadAuthorities(options);
        ServerIdentity? tls = options.TlsInUse is { } files
            ? ServerIdentity.Load(files.CertificateFile, files.KeyFile)
            : null;
        using var certificates = new CertificateWatch(setting.Clock);
        certificates.Add(tls);
        certificates.Add(() => authorities.Certificates);
        using CaStore store = CaStore.Open(options.DataFolder, authorities.Enrollment.Fingerprint);
        FirstRegistrar.Ensure(store, options, setting, askRegistrar, logger);
        MemberImport.Run(store, authorities, options, setting.Clock, logger);

        using var secrets = new SecretAdmission(store, setting.SecretIterations, setting.Attempts(setting.Clock));
        CaRooms rooms = Furnish(options, setting, store, authorities, secrets);
        using var endpoint = new CaEndpoint(new CaDesk(rooms), logger);
        using OperationsEndpoint operations = OpenOperations(options, tls, certificates, levels, setting.Clock);
        await using WebApplication application = Compose(
            options, ServerOf(tls, setting.Clock, loggers), endpoint, operations, loggers);

        await application.StartAsync(cancellationToken);
        CaLog.Listening(logger, options.Authority.Name, string.Join(' ', application.Urls), options.DataFolder);
        if (tls is null)
            Insecurity.Say(logger, options.Authority.Name);

        started(application.Urls.Select(url => new Uri(url).Port).FirstOrDefault());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watching = Task.WhenAll(
            RenewOwnAsync(options, tls, authorities, setting.Clock, logger, stop.Token),
            certificates.RunAsync(logger, stop.Token));
        try
        {
            await WaitForStopAsync(store, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
            using var drain = new CancellationTokenSource(s_drainTimeout, setting.Clock);
            await application.StopAsync(drain.Token);
            CaLog.Stopped(logger, options.Authority.Name);
        }
    }

    private static Task RenewOwnAsync(
        CaOptions options, ServerIdentity? tls, CaAuthorities authorities, TimeProvider clock, ILogger logger,
        CancellationToken cancellationToken) =>
        options.TlsInUse is { } files && tls is not null && authorities.Tls is { } authority
            ? new OwnTlsRenewal(files, tls, authority, clock, logger).RunAsync(cancellationToken)
            : Task.CompletedTask;

    // After a failed write memory and disk may disagree: the process ends, and opening the store again recovers.
    private static async Task WaitForStopAsync(CaStore store, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration _ = cancellationToken.Register(stopped.SetResult);
        if (await Task.WhenAny(stopped.Task, store.Failure) == store.Failure)
            throw await store.Failure;
    }

    private static CaRooms Furnish(
        CaOptions options, CaSetting setting, CaStore store, CaAuthorities authorities, SecretAdmission secrets)
    {
        var registry = new Registry(
            store, setting.Clock, setting.SecretIterations, options.MaxEnrollments, options.AllowsRemoval);
        return new CaRooms(
            store,
            authorities,
            secrets,
            new TokenAdmission(store, authorities.Enrollment, options.TakesOldTokens, setting.Clock),
            registry,
            new Affiliations(store, registry, options.AllowsRemoval),
            new Enroller(store, setting.Clock, options.MaxEnrollments == 0))
        {
            Revocations = new Revocations(store, setting.Clock),
            Clock = setting.Clock,
            Version = typeof(CaHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion ?? "unknown",
            RenewsExpired = options.RenewsExpired,
        };
    }

    private static CaAuthorities LoadAuthorities(CaOptions options)
    {
        IssuingAuthority enrollment = Load(options.Authority);
        try
        {
            return new CaAuthorities(
                options.Authority.Name,
                enrollment,
                options.TlsAuthority?.Name ?? "",
                options.TlsAuthority is { } files ? Load(files) : null);
        }
        catch (ArgumentException)
        {
            enrollment.Dispose();
            throw;
        }
    }

    private static IssuingAuthority Load(CaAuthorityFiles files) =>
        IssuingAuthority.TryLoad(
            files.CertificateFile, files.KeyFile, out IssuingAuthority? authority, out string? fault)
            ? authority
            : throw new ArgumentException(fault, nameof(files));

    private static OperationsEndpoint OpenOperations(
        CaOptions options, ServerIdentity? tls, CertificateWatch certificates, LogLevels levels, TimeProvider clock) =>
        new(new OperationsSetting
        {
            Address = IPAddress.Parse(options.OperationsAddress),
            Port = options.OperationsPort,
            Tls = OperationsTlsFiles.Open(
                options.OperationsTls, tls, options.TlsAuthority is { } authority ? [authority.CertificateFile] : []),
            // An authority ends when its store fails: while it answers, the rest of it is well.
            Checks = certificates.FindFaults,
            Levels = levels,
            Meters = [certificates.Meter],
            Clock = clock,
        });

    private static WebApplication Compose(
        CaOptions options,
        ServerTls? tls,
        CaEndpoint endpoint,
        OperationsEndpoint operations,
        ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, tls, operations));
        WebApplication application = builder.Build();
        operations.Map(application);
        ((IApplicationBuilder)application).Run(endpoint.InvokeAsync);
        return application;
    }

    // Clients of Fabric CA may present a certificate; who they are is decided by secret or token.
    private static ServerTls? ServerOf(ServerIdentity? tls, TimeProvider clock, ILoggerFactory loggers) => tls is null
        ? null
        : new ServerTls(tls, ClientCertificates.Optional, clock, loggers.CreateLogger("Hyperprov.Tls"));

    private static void Listen(
        KestrelServerOptions kestrel, CaOptions options, ServerTls? tls, OperationsEndpoint operations)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = CaLimits.BodyBytesMax;
        limits.MaxConcurrentConnections = CaLimits.ConnectionsMax;
        limits.KeepAliveTimeout = s_idleTimeout;
        limits.RequestHeadersTimeout = s_headersTimeout;
        kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.ListenPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            tls?.Listen(listen);
        });
        operations.Listen(kestrel);
    }
}
