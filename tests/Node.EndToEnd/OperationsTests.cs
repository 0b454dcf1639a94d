using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Node.Membership.Material;
using Node.Testing;
using Node.Testing.Figures;

namespace Node.EndToEnd;

/// <summary>What nodes tell those who operate them.</summary>
public sealed partial class OperationsTests
{
    private const string Orderer = "orderer.example.com";
    private const string Peer1 = "peer0.org1.example.com";
    private const string Peer2 = "peer0.org2.example.com";

    [Fact]
    public async Task A_transaction_leaves_one_trace_across_client_peers_and_orderer()
    {
        using OtlpReceiver collector = OtlpReceiver.Start();
        await using RunningNetwork network = RunningNetwork.Prepare(orderers: 1, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        });
        await network.UpAsync();
        string file = Path.Combine(network.Folder, "traced.txt");
        await File.WriteAllTextAsync(file, "traced");

        string put = await network.MustAsync("put", file, "--key", "traced", "--json");

        string id = JsonDocument.Parse(put).RootElement.GetProperty("transactionId").GetString() ?? "";
        string[] names =
        [
            "client.endorse", "client.submit", "gateway.endorse", "gateway.submit", "endorser.process_proposal",
            "endorser.endorse", "orderer.order", "peer.commit",
        ];
        ReceivedSpan[] spans = [];
        await network.UntilAsync(
            () =>
            {
                spans = [.. collector.Spans.Where(span => span.Tags.GetValueOrDefault("hyperprov.tx_id") == id)];
                return Task.FromResult(
                    names.All(name => spans.Any(span => span.Name == name))
                    && spans.Count(span => span.Name == "peer.commit") == 2);
            },
            $"the spans of {id} to arrive");

        Assert.All(spans, span => Assert.Equal(id[..32], span.TraceId));
        ReceivedSpan asked = Single("client.endorse", "hyperprov-client");
        ReceivedSpan gateway = Single("gateway.endorse", "hyperprov-peer");
        ReceivedSpan other = Single("endorser.process_proposal", "hyperprov-peer");
        Assert.Equal(asked.SpanId, gateway.ParentId);
        Assert.Equal(gateway.SpanId, other.ParentId);
        Assert.NotEqual(gateway.Instance, other.Instance);
        Assert.Equal(
            (string[])[gateway.SpanId, other.SpanId],
            spans.Where(span => span.Name == "endorser.endorse").Select(span => span.ParentId)
                .OrderBy(parent => parent == gateway.SpanId ? 0 : 1));
        Assert.Equal(id[32..48], Single("orderer.order", "hyperprov-orderer").ParentId);
        ReceivedSpan[] commits = [.. spans.Where(span => span.Name == "peer.commit")];
        Assert.Equal(2, commits.Select(span => span.Instance).Distinct().Count());
        Assert.All(commits, span => Assert.Equal("Valid", span.Tags["hyperprov.validation_code"]));

        ReceivedSpan Single(string name, string service) =>
            Assert.Single(spans, span => span.Name == name && span.Service == service);
    }

    [Fact]
    public async Task Every_figure_is_documented_and_every_panel_shows_one()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        var emitted = new HashSet<string>(StringComparer.Ordinal);
        foreach (string node in (string[])[Orderer, Peer1, Peer2, "ca.org1.example.com"])
        {
            using HttpClient http = ClientOf(network, node);
            string text = await http.GetStringAsync(UrlOf(network, node, "metrics"));
            emitted.UnionWith(PrometheusText.Parse(text).Keys);
        }

        string page = await File.ReadAllTextAsync(Path.Combine(Cli.Root, "docs/operations.md"));
        string[] untold = [.. emitted.Where(name => !name.StartsWith("dotnet_", StringComparison.Ordinal)
            && !page.Contains($"`{name}`", StringComparison.Ordinal))];
        Assert.Equal("", string.Join(", ", untold));

        // These come with the first block that is refused, or with the first component that is ill.
        emitted.UnionWith(["hyperprov_blocks_refused_total", "hyperprov_failed_checks"]);
        string[] shown = [.. PanelExpressions().SelectMany(expression =>
            MetricPattern().Matches(expression).Select(match => SuffixPattern().Replace(match.Value, "")))];
        Assert.True(shown.Length > 20);
        Assert.Equal("", string.Join(", ", shown.Distinct().Except(emitted)));
    }

    [Fact]
    public async Task Idle_nodes_take_little_memory()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        foreach ((string node, long mebibytes) in ((string, long)[])[(Orderer, 70), (Peer1, 90), (Peer2, 90)])
        {
            await network.UntilAsync(
                () => Task.FromResult(ResidentKilobytes(network, node) <= mebibytes << 10),
                $"{node} to take at most {mebibytes} MiB, not {ResidentKilobytes(network, node)} kB");
        }
    }

    [Fact]
    public async Task Without_tls_nodes_start_only_when_told_to_and_say_so_each_time()
    {
        await using RunningNetwork network = RunningNetwork.Prepare();
        string port = network.BasePort.ToString(CultureInfo.InvariantCulture);

        CliResult up = await network.RunAsync("network", "up", "--insecure", "--no-ca", "--base-port", port);

        Assert.True(up.ExitCode == 0, up.ToString());
        Assert.Contains("INSECURE", up.Error, StringComparison.Ordinal);
        Assert.All(network.NodeNames(), node =>
            Assert.Contains("serves WITHOUT TLS", network.LogOf(node), StringComparison.Ordinal));
        using var http = new HttpClient();
        var plain = new UriBuilder(UrlOf(network, Peer1, "healthz")) { Scheme = "http" };
        Assert.StartsWith("{\"status\":\"OK\"", await http.GetStringAsync(plain.Uri), StringComparison.Ordinal);
        string file = Path.Combine(network.Folder, "plain.txt");
        await File.WriteAllTextAsync(file, "plain");
        await network.MustAsync("put", file, "--key", "plain");
        await network.DownAsync();

        string config = Path.Combine(network.NodeFolder(Peer1), "config.json");
        JsonObject options = JsonNode.Parse(await File.ReadAllTextAsync(config))!.AsObject();   // An object it is.
        options.Remove("insecure");
        options.Remove("tls");
        await File.WriteAllTextAsync(config, options.ToJsonString());
        CliResult refused = await Cli.RunAsync("peer", "start", "--config", config);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Tls is missing", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--insecure", refused.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> PanelExpressions()
    {
        string text = File.ReadAllText(Path.Combine(Cli.Root, "deploy/grafana/hyperprov.json"));
        using JsonDocument dashboard = JsonDocument.Parse(text);
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString());
            foreach (JsonElement target in panel.GetProperty("targets").EnumerateArray())
                yield return target.GetProperty("expr").GetString()!;   // Of every Prometheus target.
        }
    }

    private static long ResidentKilobytes(RunningNetwork network, string node)
    {
        string pid = File.ReadAllText(Path.Combine(network.NodeFolder(node), "pid")).Split(' ')[0];
        string line = File.ReadLines($"/proc/{pid}/status").First(
            line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(DigitsPattern().Match(line).Value, CultureInfo.InvariantCulture);
    }

    private static Uri UrlOf(RunningNetwork network, string node, string path)
    {
        string config = File.ReadAllText(Path.Combine(network.NodeFolder(node), "config.json"));
        int port = JsonDocument.Parse(config).RootElement.GetProperty("operationsPort").GetInt32();
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}/{path}"));
    }

    private static HttpClient ClientOf(RunningNetwork network, string node)
    {
        var material = new MaterialLayout(Path.Combine(network.Folder, "crypto-config"));
        string domain = node[(node.IndexOf('.', StringComparison.Ordinal) + 1)..];
        MemberLayout member = (node == Orderer
            ? material.OrdererOrganization(domain)
            : material.PeerOrganization(domain)).User("Admin");
        return OperationsCaller.Create(member.TlsRootFile, member);
    }

    [GeneratedRegex(@"\b(hyperprov|orderer|dotnet|process)_[a-z_0-9]+")]
    private static partial Regex MetricPattern();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex SuffixPattern();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex DigitsPattern();
}
