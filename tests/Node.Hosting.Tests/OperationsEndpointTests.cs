using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Tls;
using Node.Membership.Material;
using Node.Testing;
using Node.Testing.Figures;

namespace Node.Hosting.Tests;

public sealed class OperationsEndpointTests : IDisposable
{
    private static readonly TestNetwork s_network = TestNetwork.Create();

    private readonly Meter _meter = new("Hyperprov.Test");
    private readonly LogLevels _levels = new(LogSpec.Of(LogLevel.Information));
    private readonly List<FailedCheck> _failed = [];

    private static MemberLayout Own => s_network.Org1.NodeLayout;

    [Fact]
    public async Task Health_names_what_is_wrong()
    {
        await using WebApplication node = await StartAsync();
        using HttpClient stranger = ClientOf(node, member: null);

        using HttpResponseMessage well = await stranger.GetAsync("/healthz");
        _failed.Add(new FailedCheck("channel mychannel", "the disk is \"full\""));
        using HttpResponseMessage ill = await stranger.GetAsync("/healthz");

        Assert.Equal(HttpStatusCode.OK, well.StatusCode);
        Assert.StartsWith(
            "{\"status\":\"OK\",\"time\":\"", await well.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ill.StatusCode);
        Assert.EndsWith(
            """
            "failed_checks":[{"component":"channel mychannel","reason":"the disk is \"full\""}]}
            """.Trim(),
            await ill.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_and_levels_are_for_clients_of_the_organisation_alone()
    {
        await using WebApplication node = await StartAsync();

        foreach (MemberLayout? unknown in (MemberLayout?[])[null, s_network.Org2.NodeLayout])
        {
            using HttpClient stranger = ClientOf(node, unknown);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(stranger, "/metrics"));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(stranger, "/logspec"));
            Assert.Equal(HttpStatusCode.Unauthorized, await PutAsync(stranger, """{"spec":"debug"}"""));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(stranger, "/version"));
        }

        Assert.Equal("info", _levels.Spec.ToString());
        using HttpClient member = ClientOf(node, Own);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(member, "/metrics"));
    }

    [Fact]
    public async Task Where_a_client_certificate_is_required_nobody_else_is_heard()
    {
        await using WebApplication node = await StartAsync(new OperationsTlsFiles { ClientCertificateRequired = true });
        using HttpClient stranger = ClientOf(node, member: null);
        using HttpClient other = ClientOf(node, s_network.Org2.NodeLayout);
        using HttpClient member = ClientOf(node, Own);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetAsync("/healthz"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => other.GetAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(member, "/healthz"));
    }

    [Fact]
    public async Task Plain_http_is_not_spoken_on_a_port_with_tls()
    {
        await using WebApplication node = await StartAsync();
        using var plain = new HttpClient { BaseAddress = new UriBuilder(node.Urls.First()) { Scheme = "http" }.Uri };

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync("/healthz"));
    }

    [Fact]
    public async Task A_level_is_switched_and_told()
    {
        await using WebApplication node = await StartAsync();
        using HttpClient member = ClientOf(node, Own);

        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(member, """{"spec":"info:grpc=error"}"""));

        Assert.Equal("""{"spec":"grpc=error:info"}""", await member.GetStringAsync("/logspec"));
        Assert.Equal(LogLevel.Error, _levels.Spec.Loggers["grpc"]);
    }

    [Theory]
    [InlineData("""{"spec":"loud"}""", "invalid logging specification 'loud': bad segment 'loud'")]
    [InlineData("""{"level":"info"}""", "the body must be JSON such as")]
    [InlineData("spec=info", "the body must be JSON such as")]
    [InlineData("", "the body must be JSON such as")]
    public async Task A_bad_specification_is_refused_with_a_reason(string body, string reason)
    {
        await using WebApplication node = await StartAsync();
        using HttpClient member = ClientOf(node, Own);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await member.PutAsync("/logspec", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("info", _levels.Spec.ToString());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using WebApplication node = await StartAsync();
        using HttpClient member = ClientOf(node, Own);

        string body = "{\"spec\":\"" + new string(':', OperationsLimits.BodyBytesMax) + "\"}";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync(member, body));
    }

    [Fact]
    public async Task Figures_are_in_the_text_format_and_tell_of_the_node()
    {
        await using WebApplication node = await StartAsync();
        using HttpClient member = ClientOf(node, Own);
        _failed.Add(new FailedCheck("etcd", "no leader"));

        string text = await member.GetStringAsync("/metrics");

        IReadOnlyDictionary<string, ScrapedMetric> metrics = PrometheusText.Parse(text);
        Assert.Equal(0, metrics["hyperprov_healthy"].Samples.Single().Value);
        Assert.Equal("etcd", metrics["hyperprov_failed_checks"].Samples.Single().Labels["component"]);
        Assert.Equal(1, metrics["hyperprov_build_info"].Samples.Single().Value);
        Assert.True(metrics["process_resident_memory_bytes"].Samples.Single().Value > 1 << 20);
        Assert.Contains("dotnet_gc_collections", metrics.Keys);
    }

    [Theory]
    [InlineData("0.3.0+6d83da4e4bf9", "0.3.0", "6d83da4e4bf9")]
    [InlineData("0.3.0", "0.3.0", "")]
    [InlineData(null, "unknown", "")]
    public void A_version_is_parted_from_its_commit(string? informational, string version, string commit) =>
        Assert.Equal(new BuildVersion(version, commit), BuildVersion.Parse(informational));

    public void Dispose() => _meter.Dispose();

    private async Task<WebApplication> StartAsync(OperationsTlsFiles? files = null)
    {
        var endpoint = new OperationsEndpoint(new OperationsSetting
        {
            Address = IPAddress.Loopback,
            Port = 0,
            Tls = OperationsTlsFiles.Open(
                files, ServerIdentity.Load(Own.TlsCertificateFile, Own.TlsKeyFile),
                OperationsTlsFiles.AuthoritiesOf(Own.Msp)),
            Checks = () => _failed,
            Levels = _levels,
            Meters = [_meter],
            Clock = TimeProvider.System,
        });
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(endpoint.Listen);
        WebApplication application = builder.Build();
        endpoint.Map(application);
        await application.StartAsync();
        return application;
    }

    private static HttpClient ClientOf(WebApplication node, MemberLayout? member)
    {
        HttpClient client = OperationsCaller.Create(Own.TlsRootFile, member);
        client.BaseAddress = new UriBuilder(node.Urls.First()) { Host = "localhost" }.Uri;
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using HttpResponseMessage answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PutAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.PutAsync("/logspec", content);
        return answer.StatusCode;
    }
}
