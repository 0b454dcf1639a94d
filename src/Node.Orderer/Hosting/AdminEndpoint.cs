using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Tls;
using Node.Orderer.Ordering;
using Node.Orderer.Participating;

namespace Node.Orderer.Hosting;

/// <summary>The listener of the channel participation API: HTTP/1.1 over TLS, with client certificates only.</summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    private readonly WebApplication _application;

    private AdminEndpoint(WebApplication application)
    {
        _application = application;
        Port = application.Urls.Select(url => new Uri(url).Port).FirstOrDefault();
    }

    public int Port { get; }

    /// <param name="identity">What it presents.</param>
    /// <exception cref="ArgumentException">A file of roots cannot be used.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<AdminEndpoint> StartAsync(
        AdminOptions options, ServerIdentity identity, ChannelRoster roster, TimeProvider clock,
        ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger("Hyperprov.Orderer");
        ReadOnlyMemory<byte>[] roots = RootFiles.ReadCertificates(options.Tls.RootFiles, "Admin.Tls.RootFiles");
        var tls = new ServerTls(identity, new ClientCertificates(Required: true, () => roots), clock, logger);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, tls));
        WebApplication application = builder.Build();
        var api = new ParticipationApi(roster, options.ChannelParticipation);
        application.Run(api.AnswerAsync);
        await application.StartAsync(cancellationToken);
        OrdererLog.AdminListening(logger, string.Join(' ', application.Urls));
        return new AdminEndpoint(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void Listen(KestrelServerOptions kestrel, AdminOptions options, ServerTls tls)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = OrdererLimits.AdminRequestBytesMax;
        kestrel.Limits.MaxConcurrentConnections = OrdererLimits.AdminConnectionsMax;
        kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.ListenPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            tls.Listen(listen);
        });
    }
}
