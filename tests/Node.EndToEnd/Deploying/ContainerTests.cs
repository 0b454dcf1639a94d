using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Node.EndToEnd.Deploying;

/// <summary>The image of docker/Dockerfile, built once for the tests of a class, with one container of it.</summary>
public sealed class BuiltImage : IAsyncLifetime
{
    private string _image = "";

    internal string Folder { get; } = Directory.CreateTempSubdirectory("hyperprov-image-").FullName;

    internal string Inspected { get; private set; } = "";

    internal string Container { get; private set; } = "";

    public async Task InitializeAsync()
    {
        string baseImage = await ContainerImages.BaseAsync();
        string context = await ContextAsync();
        _image = $"localhost/hyperprov:{Path.GetFileName(Folder)}".ToLowerInvariant();
        await ContainerImages.BuildahAsync(
            "build", "--isolation", "chroot", "--format", "docker", "--pull-never",
            "--build-arg", $"BASE_IMAGE={baseImage}", "--build-arg", $"SDK_IMAGE={baseImage}",
            "-f", $"{context}/docker/Dockerfile", "-t", _image, context);
        Inspected = await ContainerImages.BuildahAsync("inspect", "--type", "image", _image);
        Container = (await ContainerImages.BuildahAsync("from", _image)).Trim();
    }

    public async Task DisposeAsync()
    {
        await ContainerImages.TryBuildahAsync("rm", Container);
        await ContainerImages.TryBuildahAsync("rmi", _image);
        Directory.Delete(Folder, recursive: true);
    }

    // What the build needs, and the program as another machine would have published it.
    private async Task<string> ContextAsync()
    {
        string context = Path.Combine(Folder, "context");
        Directory.CreateDirectory(Path.Combine(context, "docker"));
        string root = Cli.Root;
        await OtherPrograms.MustAsync("cp", "-R", $"{root}/deploy", $"{root}/.dockerignore", context);
        await OtherPrograms.MustAsync("cp", $"{root}/docker/Dockerfile", $"{context}/docker/");
        await OtherPrograms.MustAsync("cp", "-R", await PublishedProgram.FolderAsync(), $"{context}/docker/program");
        return context;
    }
}

/// <summary>Containers of the image are nodes of a network.</summary>
public class ContainerTests(BuiltImage image) : IClassFixture<BuiltImage>
{
    private const string Home = "/var/lib/hyperprov";
    private const string Peer = "peer0.org1.example.com";
    private const string Orderer = "orderer.example.com";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_orderer_and_a_peer_in_containers_without_privileges_are_a_network_that_records()
    {
        string host = Path.Combine(image.Folder, "host");
        try
        {
            await RunNetworkAsync(image.Container, host);
        }
        finally
        {
            await Cli.RunAsync("network", "down", "--dir", host);
        }
    }

    [Fact]
    public async Task The_image_runs_as_nobody_special_says_its_health_and_holds_no_key()
    {
        JsonElement inspected = JsonDocument.Parse(image.Inspected).RootElement;
        JsonElement config = inspected.GetProperty("Docker").GetProperty("config");

        Assert.Equal("10001:10001", config.GetProperty("User").GetString());
        Assert.Equal("SIGTERM", config.GetProperty("StopSignal").GetString());
        Assert.Equal("hyperprov", config.GetProperty("Entrypoint")[0].GetString());
        Assert.Equal(
            "CMD hyperprov health",
            string.Join(' ', config.GetProperty("Healthcheck").GetProperty("Test").EnumerateArray().Select(
                part => part.GetString())));
        Assert.True(config.GetProperty("Volumes").TryGetProperty(Home, out _));
        Assert.Matches(@"^\d+\.\d+\.\d+", await RunAsync("hyperprov", "--version"));
        Assert.Equal("10001", (await RunAsync("id", "-u")).Trim());
        Assert.Equal("", await RunAsync("find", "/opt/hyperprov", "/var/lib/hyperprov", "-name", "*_sk"));
    }

    // The first service of docker/compose.yaml, as compose runs it.
    [Fact]
    public async Task The_plan_of_the_compose_file_gives_each_container_its_own_keys()
    {
        string[] hosts =
        [
            "ca.org1.example.com", "ca.org2.example.com", "client", Orderer, Peer, "peer0.org2.example.com",
        ];
        foreach (string host in hosts)
            Directory.CreateDirectory(Path.Combine(image.Folder, "hosts", host));

        Directory.CreateDirectory(Path.Combine(image.Folder, "plan"));
        string docker = Path.Combine(Cli.Root, "docker");
        string[] run =
        [
            "run", "--isolation", "chroot", "--user", "0:0", "--workingdir", "/plan",
            "--volume", $"{docker}/network.yaml:/etc/hyperprov/network.yaml:ro",
            "--volume", $"{docker}/plan.sh:/etc/hyperprov/plan.sh:ro",
            "--volume", $"{image.Folder}/plan:/plan", "--volume", $"{image.Folder}/hosts:/hosts",
            image.Container, "--", "/bin/sh", "/etc/hyperprov/plan.sh",
        ];

        await ContainerImages.BuildahAsync(run);
        await ContainerImages.BuildahAsync(run);   // Each start of the compose file does.

        foreach (string host in hosts)
        {
            string folder = Path.Combine(image.Folder, "hosts", host);
            string keys = await OtherPrograms.MustAsync("grep", "-rlE", "PRIVATE KEY", folder);
            string owners = await OtherPrograms.MustAsync("find", folder, "-printf", "%U\\n");
            Assert.Equal(host == "client" ? 12 : host.StartsWith("ca.", StringComparison.Ordinal) ? 3 : 2,
                keys.Trim().Split('\n').Length);
            Assert.Equal(["10001"], owners.Trim().Split('\n').Distinct());
        }
    }

    // An orderer with its etcd member and a peer, each in a container; planned, used and looked at from outside.
    private static async Task RunNetworkAsync(string container, string host)
    {
        string folder = Path.GetDirectoryName(host)!;
        string client = Path.Combine(folder, "client");
        string topology = Path.Combine(folder, "network.yaml");
        await File.WriteAllTextAsync(topology, Topology([.. FreePorts(count: 6)]));
        await Cli.MustAsync("network", "plan", topology, "--host", "localhost", "--out", host);
        await Cli.MustAsync("network", "plan", topology, "--client", "org1", "--out", client);
        await OtherPrograms.MustAsync("chown", "-R", "10001:10001", host);

        using Process orderer = StartNode(container, host, "orderer", Orderer);
        using Process peer = StartNode(container, host, "peer", Peer);
        Task<string>[] said = [orderer.StandardOutput.ReadToEndAsync(), peer.StandardOutput.ReadToEndAsync()];
        await UntilHealthyAsync(container, host, Orderer, orderer);
        await UntilHealthyAsync(container, host, Peer, peer);
        await Cli.MustAsync("network", "contracts", "--dir", client);
        await File.WriteAllTextAsync(Path.Combine(folder, "note"), "from a container");
        await Cli.MustAsync("put", Path.Combine(folder, "note"), "--key", "note", "--dir", client);

        await Cli.MustAsync("network", "down", "--dir", host);

        string logs = string.Join('\n', await Task.WhenAll(said));
        await Task.WhenAll(orderer.WaitForExitAsync(), peer.WaitForExitAsync());
        Assert.True(orderer.ExitCode == 0 && peer.ExitCode == 0, logs);
        CliResult health = await TryNodeAsync(container, host, Peer, "health");
        Assert.Equal(3, health.ExitCode);
    }

    private Task<string> RunAsync(params string[] command) =>
        ContainerImages.BuildahAsync(["run", "--isolation", "chroot", image.Container, "--", .. command]);

    private static Task<CliResult> TryNodeAsync(string container, string host, string node, params string[] command) =>
        ContainerImages.TryBuildahAsync([.. InNode(container, host, node), .. command]);

    private static Process StartNode(string container, string host, string role, string node) =>
        ContainerImages.StartBuildah([.. InNode(container, host, node), role, "start"]);

    private static string[] InNode(string container, string host, string node) =>
    [
        "run", "--isolation", "chroot", "--volume", $"{host}:{Home}",
        "--env", $"HYPERPROV_CONFIG={Home}/nodes/{node}/config.json", container, "--", "hyperprov",
    ];

    private static async Task UntilHealthyAsync(string container, string host, string node, Process process)
    {
        using var limit = new CancellationTokenSource(s_patience);
        CliResult health;
        do
        {
            health = await TryNodeAsync(container, host, node, "health");
            Assert.False(process.HasExited && health.ExitCode != 0, $"{node} ended: {health}");
            Assert.False(limit.IsCancellationRequested, $"{node} is not healthy after {s_patience}: {health}");
        }
        while (health.ExitCode != 0);
    }

    private static List<int> FreePorts(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                listeners.Add(new TcpListener(IPAddress.Loopback, port: 0));
                listeners[^1].Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    private static string Topology(int[] ports) => string.Create(CultureInfo.InvariantCulture, $$"""
        ordererOrganizations:
          - name: Orderer
            mspId: OrdererMSP
            domain: example.com
            orderers:
              - name: orderer
                port: {{ports[0]}}
                operationsPort: {{ports[1]}}
                etcdClientPort: {{ports[2]}}
                etcdPeerPort: {{ports[3]}}
        organizations:
          - name: Org1
            mspId: Org1MSP
            domain: org1.example.com
            peers:
              - { name: peer0, port: {{ports[4]}}, operationsPort: {{ports[5]}} }
        channels:
          - name: mychannel
            organizations: [Org1MSP]
            contracts:
              - { name: hyperprov, policy: "OR('Org1MSP.peer')" }
        """);
}
