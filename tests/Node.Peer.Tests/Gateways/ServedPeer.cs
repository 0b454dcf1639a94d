using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Peer.Tests.Endorsing;

namespace Node.Peer.Tests.Gateways;

/// <summary>The services of one peer on a port of loopback, in the clear. Can be stopped and started again.</summary>
internal sealed class ServedPeer(TestPeer peer, NodeDialer dialer, PeerOptions options) : IAsyncDisposable
{
    private WebApplication? _application;

    public TestPeer Peer => peer;

    public OpenStreams Streams => _application!.Services.GetRequiredService<OpenStreams>();   // While started.

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, options.ListenPort, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(peer.Node);
        builder.Services.AddSingleton(dialer);
        builder.Services.AddSingleton(options);
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<FaultInterceptor>());
        PeerServices.Add(builder.Services);
        _application = builder.Build();
        PeerServices.Map(_application);
        await _application.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_application is null)
            return;

        // Streams that a test left open are cut off.
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        _application = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
