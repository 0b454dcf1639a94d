using Node.Membership.Material;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Three orderers with their etcd members and four peers of three organisations, each on a host of its own; shared by
/// all bad days, each of which leaves it well.
/// </summary>
public sealed class HostedNetwork : IAsyncLifetime
{
    private const string ClientHost = "client";

    private readonly List<NodeRun> _nodes = [];
    private readonly List<HostedClient> _clients = [];
    private HostSet? _hosts;
    private LedgerChecks? _checks;

    internal HostSet Hosts => _hosts ?? throw new InvalidOperationException("the network has not been started");

    internal IReadOnlyList<NodeRun> Nodes => _nodes;

    internal IReadOnlyList<NodeRun> Orderers => [.. _nodes.Where(node => node.Node.IsOrderer)];

    internal IReadOnlyList<NodeRun> Peers => [.. _nodes.Where(node => !node.Node.IsOrderer)];

    /// <summary>One at each peer, a user of its organisation.</summary>
    internal IReadOnlyList<HostedClient> Clients => _clients;

    internal LedgerChecks Checks => _checks ?? throw new InvalidOperationException("the network has not been started");

    /// <summary>The whole network's folder, with everybody's keys: where the network was planned.</summary>
    public string PlanFolder => Path.Combine(Hosts.Folder, "plan");

    internal MaterialLayout Material => new(Path.Combine(PlanFolder, "crypto-config"));

    internal NodeRun this[string name] => _nodes.Find(node => node.Name == name)
        ?? throw new ArgumentException($"there is no node {name}", nameof(name));

    public async Task InitializeAsync()
    {
        try
        {
            var ports = new Dictionary<string, int[]>(HostedTopology.Ports) { [ClientHost] = [] };
            _hosts = await HostSet.CreateAsync(ports);
            await PlanAsync();
            foreach (NodeRun node in _nodes)
                node.Start();
            foreach (NodeRun node in _nodes)
                await node.UntilHealthyAsync();

            await RunAsync("network", "contracts", "--dir", PlanFolder);
            foreach (HostedNode peer in HostedTopology.Peers)
                _clients.Add(HostedClient.Connect(peer, Hosts.AddressOf(peer.Name), Material, "User1"));

            _checks = new LedgerChecks(this);
            await _checks.SettleAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        _checks?.Dispose();
        foreach (HostedClient client in _clients)
            client.Dispose();
        foreach (NodeRun node in _nodes)
            await node.DisposeAsync();

        if (_hosts is not null)
            await _hosts.DisposeAsync();
    }

    /// <summary>Runs the program as somebody at the client's host, and requires success.</summary>
    internal Task<string> RunAsync(params string[] arguments) => RunOnAsync(ClientHost, arguments);

    internal async Task<string> RunOnAsync(string host, params string[] arguments)
    {
        string log = Path.Combine(Hosts[host].Folder, "command.txt");
        using System.Diagnostics.Process process = Hosts[host].Start(
            log, new Dictionary<string, string>(), ["dotnet", Cli.Program, .. arguments]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        string output = await File.ReadAllTextAsync(log, limit.Token);
        File.Delete(log);
        Assert.True(process.ExitCode == 0, $"hyperprov {string.Join(' ', arguments)} on {host}: {output}");
        return output;
    }

    /// <summary>Whatever the day before did: links are good, nodes run and are healthy.</summary>
    internal async Task MakeWellAsync()
    {
        foreach (NodeRun node in _nodes)
        {
            node.Host.Plug();
            foreach (var link in Hosts.LinksOf(node.Name).Append(Hosts.LinkTo(node.Name)))
                link.Faults = Node.Testing.Proxies.LinkFaults.None;

            if (!node.IsRunning)
                node.Start();
        }

        foreach (NodeRun node in _nodes)
            await node.UntilHealthyAsync();
    }

    /// <summary>Copies the logs to where they outlive this network.</summary>
    internal string KeepLogs(string day)
    {
        string folder = Path.Combine(Cli.Root, "artifacts", "bad-days", day);
        Directory.CreateDirectory(folder);
        foreach (NodeRun node in _nodes)
        {
            File.WriteAllText(Path.Combine(folder, $"{node.Name}.txt"), node.Log);
            string etcd = Path.Combine(node.Folder, "etcd", "log.txt");
            if (File.Exists(etcd))
                File.Copy(etcd, Path.Combine(folder, $"{node.Name}.etcd.txt"), overwrite: true);
        }

        return folder;
    }

    private async Task PlanAsync()
    {
        Directory.CreateDirectory(PlanFolder);
        await File.WriteAllTextAsync(Path.Combine(PlanFolder, "network.yaml"), HostedTopology.ToYaml());
        foreach (HostedNode node in HostedTopology.Nodes)
        {
            await RunOnAsync(node.Name, "network", "up", "--host", node.Name, "--dir", PlanFolder);
            await RunOnAsync(node.Name, "network", "down", "--host", node.Name, "--dir", PlanFolder);
            string config = Path.Combine(PlanFolder, "nodes", node.Name, "config.json");
            _nodes.Add(new NodeRun(node, Hosts[node.Name], config));
        }
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostedNetworkShared : ICollectionFixture<HostedNetwork>
{
    public const string Name = "A network on hosts of its own";
}
