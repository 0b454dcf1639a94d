using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grpc.Core.Tests;

/// <summary>How a test reaches its server.</summary>
public enum Wire
{
    Clear,
    Tls,
    MutualTls,
}

/// <summary>A real Kestrel on a free loopback port with one <see cref="EchoService"/>.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Wire _wire;

    private TestServer(WebApplication app, Wire wire, EchoService echo)
    {
        _app = app;
        _wire = wire;
        Echo = echo;
        string bound =
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Address = new Uri(bound);
    }

    public static X509Certificate2 ServerCertificate { get; } = MakeCertificate("localhost");

    public static X509Certificate2 ClientCertificate { get; } = MakeCertificate("client-1");

    public EchoService Echo { get; }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(
        Wire wire = Wire.Clear,
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        HttpProtocols protocols = HttpProtocols.Http2)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, port: 0, listen => Configure(listen, wire, protocols)));
        var echo = new EchoService();
        builder.Services.AddSingleton(echo);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.UseRouting();
        (map ?? (web => web.MapGrpcService<EchoService>()))(app);
        await app.StartAsync();
        return new TestServer(app, wire, echo);
    }

    public GrpcChannel Connect(Action<GrpcChannelOptions>? options = null, Action<SocketsHttpHandler>? handler = null)
    {
        var channelOptions = new GrpcChannelOptions { HttpHandler = MakeHandler(handler), DisposeHttpClient = true };
        options?.Invoke(channelOptions);
        return GrpcChannel.ForAddress(Address, channelOptions);
    }

    public SocketsHttpHandler MakeHandler(Action<SocketsHttpHandler>? configure = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) =>
            certificate!.GetCertHashString() == ServerCertificate.GetCertHashString();
        if (_wire == Wire.MutualTls)
        {
            handler.SslOptions.ClientCertificateContext =
                SslStreamCertificateContext.Create(ClientCertificate, additionalCertificates: null);
        }

        configure?.Invoke(handler);
        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Configure(ListenOptions listen, Wire wire, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        if (wire == Wire.Clear)
            return;

        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = ServerCertificate,
            ClientCertificateMode = wire == Wire.MutualTls
                ? ClientCertificateMode.RequireCertificate
                : ClientCertificateMode.NoCertificate,
            ClientCertificateValidation = static (certificate, _, _) =>
                certificate.GetCertHashString() == ClientCertificate.GetCertHashString(),
        });
    }

    private static X509Certificate2 MakeCertificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
