using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Node.Hosting.Tls;
using Node.Testing.Time;

namespace Node.Hosting.Tests.Tls;

/// <summary>A server and a dialer over real sockets, each with files of its own, by a clock that is moved.</summary>
public sealed class TlsOverTheWireTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_start = TestCertificates.Beginning.AddDays(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _files = new();
    private readonly ManualClock _clock = new(s_start);
    private ServerIdentity _server = null!;   // Set by InitializeAsync.
    private ServerIdentity _client = null!;
    private NodeDialer _dialer = null!;
    private WebApplication _application = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        _files.Write("server", TestCertificates.Beginning, s_start.AddDays(100));
        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(50));
        _server = ServerIdentity.Load(_files.FileOf("server.crt"), _files.FileOf("server.key"));
        _client = ServerIdentity.Load(_files.FileOf("client.crt"), _files.FileOf("client.key"));
        _dialer = new NodeDialer(_client, _clock);
        _application = Compose();
        await _application.StartAsync();
        _port = new Uri(_application.Urls.Single()).Port;
    }

    public async Task DisposeAsync()
    {
        _dialer.Dispose();
        await _application.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_renewed_client_certificate_opens_another_channel_and_the_former_one_ends_its_calls()
    {
        GrpcChannel former = Dial();
        Assert.Equal(_client.Current.Hash.ToArray(), _dialer.CertificateHashOf(former).ToArray());
        using AsyncServerStreamingCall<HealthCheckResponse> open =
            new Health.HealthClient(former).Watch(new HealthCheckRequest());
        Assert.True(await open.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(s_patience));
        int generation = _dialer.Generation;

        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(400));
        Assert.True(_client.Refresh(s_start));
        GrpcChannel renewed = Dial();

        Assert.NotSame(former, renewed);
        Assert.NotEqual(generation, _dialer.Generation);
        Assert.Equal(_client.Current.Hash.ToArray(), _dialer.CertificateHashOf(renewed).ToArray());
        Assert.NotEqual(
            _dialer.CertificateHashOf(former).ToArray(), _dialer.CertificateHashOf(renewed).ToArray());
        await CheckAsync(renewed);
        await CheckAsync(former);   // Still good for what it has begun.
        Assert.Same(renewed, Dial());
    }

    [Fact]
    public async Task A_channel_is_closed_when_its_certificate_was_replaced_long_ago()
    {
        GrpcChannel first = Dial();
        await CheckAsync(first);
        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(400));
        _client.Refresh(s_start);
        await CheckAsync(Dial());

        _clock.Advance(NodeDialer.RetiredFor);
        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(401));
        _client.Refresh(s_start);
        await CheckAsync(Dial());

        await Assert.ThrowsAnyAsync<Exception>(() => CheckAsync(first));
    }

    [Fact]
    public async Task An_expired_server_is_refused_by_name_and_date_until_it_is_renewed()
    {
        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(400));
        _client.Refresh(s_start);
        _clock.Advance(TimeSpan.FromDays(101));

        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => CheckAsync(Dial()));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("TLS certificate of server", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(
            $"expired at {s_start.AddDays(100):u}".Replace("Z", "", StringComparison.Ordinal),
            refused.Status.Detail, StringComparison.Ordinal);

        _files.Write("server", TestCertificates.Beginning, s_start.AddDays(400));
        Assert.True(_server.Refresh(_clock.GetUtcNow()));
        await CheckAsync(Dial());
    }

    [Fact]
    public async Task An_expired_client_is_refused_where_a_certificate_is_required_until_it_is_renewed()
    {
        await CheckAsync(Dial());
        _clock.Advance(TimeSpan.FromDays(51));
        using var later = new NodeDialer(_client, _clock);

        await Assert.ThrowsAsync<RpcException>(() => CheckAsync(Dial(later)));

        _files.Write("client", TestCertificates.Beginning, s_start.AddDays(400));
        Assert.True(_client.Refresh(_clock.GetUtcNow()));
        await CheckAsync(Dial(later));
        await CheckAsync(Dial());
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate_or_with_that_of_another_root()
    {
        using var strangers = new TestCertificates();
        strangers.Write("stranger", TestCertificates.Beginning, s_start.AddDays(50));
        using var stranger = new NodeDialer(
            ServerIdentity.Load(strangers.FileOf("stranger.crt"), strangers.FileOf("stranger.key")), _clock);
        using var plain = new NodeDialer(own: null, _clock);

        await Assert.ThrowsAsync<RpcException>(() => CheckAsync(Dial(stranger)));
        await Assert.ThrowsAsync<RpcException>(() => CheckAsync(Dial(plain)));
        await CheckAsync(Dial());
    }

    private GrpcChannel Dial() => Dial(_dialer);

    private GrpcChannel Dial(NodeDialer dialer) => dialer.Dial("localhost", _port, _files.Roots);

    private static async Task CheckAsync(GrpcChannel channel)
    {
        using AsyncUnaryCall<HealthCheckResponse> call =
            new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await call.ResponseAsync).Status);
    }

    private WebApplication Compose()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        var tls = new ServerTls(
            _server, new ClientCertificates(Required: true, () => _files.Roots), _clock, NullLogger.Instance);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            tls.Listen(listen);
        }));
        builder.Services.AddRouting();
        builder.Services.AddGrpc(_ => { });
        var health = new HealthServiceImpl();
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);
        builder.Services.AddSingleton(health);
        WebApplication application = builder.Build();
        application.MapGrpcService<HealthServiceImpl>();
        return application;
    }
}
