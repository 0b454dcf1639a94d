using System.Globalization;
using Node.Membership.Material;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Three orderers with their etcd members, four peers of three organisations and a certificate authority, each on a
/// host of its own; shared by all bad days, each of which leaves it well.
/// </summary>
public sealed class HostedNetwork : IAsyncLifetime
{
    /// <summary>Whose disk is small, so that it can be filled.</summary>
    internal const string SmallDiskNode = "orderer3.example.com";

    /// <summary>Where nothing runs but what somebody types.</summary>
    internal const string ClientHost = "client";

    private const int SmallDiskMebibytes = 768;

    private readonly List<NodeRun> _runs = [];
    private readonly List<HostedClient> _clients = [];
    private HostSet? _hosts;
    private SmallDisk? _disk;
    private LedgerChecks? _checks;

    internal HostSet Hosts => _hosts ?? throw new InvalidOperationException("the network has not been started");

    /// <summary>Orderers and peers, without the authority.</summary>
    internal IReadOnlyList<NodeRun> Nodes => [.. _runs.Where(run => run.Node.Role != HostedTopology.CaRole)];

    internal NodeRun Authority => this[HostedTopology.Authority.Name];

    /// <summary>Everything that runs: nodes and authority.</summary>
    internal IReadOnlyList<NodeRun> Runs => _runs;

    /// <summary>Of <see cref="SmallDiskNode"/>, with its store and its etcd member's.</summary>
    internal SmallDisk Disk => _disk ?? throw new InvalidOperationException("the network has not been started");

    internal IReadOnlyList<NodeRun> Orderers => [.. Nodes.Where(node => node.Node.IsOrderer)];

    internal IReadOnlyList<NodeRun> Peers => [.. Nodes.Where(node => !node.Node.IsOrderer)];

    /// <summary>One at each peer, a user of its organisation.</summary>
    internal IReadOnlyList<HostedClient> Clients => _clients;

    internal LedgerChecks Checks => _checks ?? throw new InvalidOperationException("the network has not been started");

    /// <summary>The whole network's folder, with everybody's keys: where the network was planned.</summary>
    public string PlanFolder => Path.Combine(Hosts.Folder, "plan");

    internal MaterialLayout Material => new(Path.Combine(PlanFolder, "crypto-config"));

    internal NodeRun this[string name] => _runs.Find(node => node.Name == name)
        ?? throw new ArgumentException($"there is no node {name}", nameof(name));

    public async Task InitializeAsync()
    {
        try
        {
            var ports = new Dictionary<string, int[]>(HostedTopology.Ports) { [ClientHost] = [] };
            _hosts = await HostSet.CreateAsync(ports);
            await PlanAsync();
            foreach (NodeRun node in _runs)
                node.Start();
            foreach (NodeRun node in _runs)
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
        // Once more after a start that failed.
        _checks?.Dispose();
        foreach (HostedClient client in _clients)
            client.Dispose();
        foreach (NodeRun node in _runs)
            await node.DisposeAsync();

        _disk?.Dispose();
        if (_hosts is not null)
            await _hosts.DisposeAsync();

        (_checks, _disk, _hosts) = (null, null, null);
        _clients.Clear();
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

    /// <summary>Has the channel cut blocks at so many envelopes, by a config update.</summary>
    internal async Task SetBatchLimitAsync(int envelopes)
    {
        string file = Path.Combine(Hosts[ClientHost].Folder, "update.bin");
        string count = envelopes.ToString(CultureInfo.InvariantCulture);
        await RunAsync("channel", "propose", "--dir", PlanFolder, "--max-messages", count, "-o", file);
        await RunAsync("channel", "sign", "--dir", PlanFolder, file, "--org", "orderer");
        await RunAsync("channel", "submit", "--dir", PlanFolder, file);
        File.Delete(file);
    }

    /// <summary>Whatever the day before did: links are good, nodes run and are healthy.</summary>
    internal async Task MakeWellAsync()
    {
        foreach (NodeRun node in _runs)
        {
            node.Host.Plug();
            foreach (var link in Hosts.LinksOf(node.Name).Append(Hosts.LinkTo(node.Name)))
                link.Faults = Node.Testing.Proxies.LinkFaults.None;

            if (node.Variables.Count > 0)
                await node.StopAsync();   // It still believes in another time.

            node.Variables.Clear();
            if (!node.IsRunning)
                node.Start();
        }

        foreach (NodeRun node in _runs)
            await node.UntilHealthyAsync();

        await UntilMembersAreWellAsync();
    }

    /// <summary>All orderers' etcd members take part: without one of them there is still a majority.</summary>
    internal async Task UntilMembersAreWellAsync()
    {
        foreach (NodeRun orderer in Orderers)
            await Wait.UntilAsync(
                () => orderer.IsMemberWellAsync(Material.OrdererOrganization(orderer.Node.Domain).Node(orderer.Name)),
                TimeSpan.FromSeconds(60),
                () => $"the etcd member of {orderer.Name} to take part:\n{orderer.LastWords()}");
    }

    /// <summary>Copies the logs to where they outlive this network.</summary>
    internal string KeepLogs(string day)
    {
        string folder = Path.Combine(Cli.Root, "artifacts", "bad-days", day);
        Directory.CreateDirectory(folder);
        foreach (NodeRun node in _runs)
        {
            File.WriteAllText(Path.Combine(folder, $"{node.Name}.txt"), node.Log);
            string etcd = Path.Combine(node.Folder, "etcd", "log.txt");
            if (File.Exists(etcd))
                File.Copy(etcd, Path.Combine(folder, $"{node.Name}.etcd.txt"), overwrite: true);
        }

        return folder;
    }

    // As an administrator does it: everything is planned in one folder, and each host gets what it needs.
    private async Task PlanAsync()
    {
        Directory.CreateDirectory(PlanFolder);
        string topology = Path.Combine(PlanFolder, "network.yaml");
        await File.WriteAllTextAsync(topology, HostedTopology.ToYaml());
        string small = FolderOf(SmallDiskNode);
        Directory.CreateDirectory(small);
        _disk = SmallDisk.Mount(small, SmallDiskMebibytes);

        await RunAsync("network", "plan", topology, "--all", "--out", Path.Combine(Hosts.Folder, "hosts"));
        foreach (HostedNode node in HostedTopology.Nodes.Append(HostedTopology.Authority))
        {
            string config = Path.Combine(FolderOf(node.Name), "nodes", node.Name, "config.json");
            _runs.Add(new NodeRun(node, Hosts[node.Name], config));
        }
    }

    /// <summary>What was planned for a host.</summary>
    internal string FolderOf(string host) => Path.Combine(Hosts.Folder, "hosts", host);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostedNetworkShared : ICollectionFixture<HostedNetwork>
{
    public const string Name = "A network on hosts of its own";
}
