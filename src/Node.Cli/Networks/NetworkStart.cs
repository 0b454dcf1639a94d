using System.Globalization;
using System.Net;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Topology;

namespace Node.Cli.Networks;

/// <summary>What a new network is like; a network that exists keeps what network.yaml says.</summary>
/// <param name="BasePort">Null: the default ports.</param>
/// <param name="WithoutCas">A new network gets no certificate authorities.</param>
internal sealed record NetworkStartOptions(int Orderers, int? BasePort, KeyType? KeyType, bool WithoutCas)
{
    /// <summary>How a new network cuts blocks; null: as the default network does.</summary>
    public BatchTopology? Batch { get; init; }

    /// <summary>Only this host's nodes; null: as the folder says.</summary>
    public string? Host { get; init; }

    /// <summary>A new network speaks no TLS.</summary>
    public bool Insecure { get; init; }
}

/// <summary>Starts the network of a folder, making first what it lacks. What runs already is left alone.</summary>
internal sealed class NetworkStart
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(50);

    private readonly Invocation _invocation;
    private readonly NetworkLayout _layout;
    private readonly TimeProvider _clock;

    private NetworkStart(Invocation invocation, NetworkLayout layout)
    {
        _invocation = invocation;
        _layout = layout;
        _clock = invocation.Console.Clock;
    }

    /// <returns>Once every node is healthy and every contract of network.yaml is on its channel's ledger.</returns>
    public static async Task RunAsync(
        Invocation invocation, NetworkStartOptions options, CancellationToken cancellation)
    {
        WriteTopology(invocation, options);
        var start = new NetworkStart(invocation, NetworkLayout.Open(invocation).On(options.Host));
        if (!start._layout.IsPlanned)
        {
            NetworkFiles.WriteMaterial(start._layout, invocation);
            NetworkFiles.WriteGenesisBlocks(start._layout, invocation);
        }

        NodeConfigs.Write(start._layout);
        start.SayWhatIsInsecure();
        var authorities = new CaStart(invocation, start._layout);
        authorities.RequireFreePorts();
        if (new CertificateInventory(invocation, start._layout).FaultOfNodes() is { } expired)
        {
            // Such nodes serve nobody, and only the authorities can help: both run when the person reads this.
            start.StartMissing(start.FindMissing());
            authorities.Start();
            await authorities.WaitAsync(cancellation);
            throw new CommandFault(ExitCode.Unreachable, expired);
        }

        await start.StartNodesAsync(cancellation);

        // Agreeing on contracts is waiting for commits: authorities start meanwhile.
        authorities.Start();
        if (start._layout.LocalHost is null)
            await new ContractAgreement(invocation, start._layout).ReachAsync(cancellation);

        await authorities.WaitAsync(cancellation);
    }

    private static void WriteTopology(Invocation invocation, NetworkStartOptions options)
    {
        string file = Path.Combine(invocation.Folder, NetworkTopology.FileName);
        if (File.Exists(file))
        {
            RefuseOtherOptions(file, NetworkLayout.Open(invocation).Topology, options);
            return;
        }

        if (options.Host is not null)
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no {file} that says what runs on {options.Host}: write one first, or leave --host out.");

        RefuseForeignFolder(invocation.Folder);
        NetworkTopology network = NetworkTopology.Default(
            options.Orderers, options.BasePort ?? NetworkTopology.DefaultBasePort, options.KeyType ?? KeyType.P256);
        if (options.Batch is { } batch)
            network = network with
            {
                Channels = [.. network.Channels.Select(channel => channel with { Batch = batch })],
            };

        network = network with { Insecure = options.Insecure };
        (options.WithoutCas ? network.WithoutCas() : network).WriteNew(file);
        invocation.Progress.Say($"Wrote {file}");
    }

    private static void RefuseOtherOptions(string file, NetworkTopology network, NetworkStartOptions options)
    {
        NodeTopology? first = network.OrdererOrganizations.SelectMany(org => org.Nodes).FirstOrDefault();
        if ((options.BasePort is null || options.BasePort == first?.Port)
            && (options.KeyType is null || options.KeyType == network.KeyType)
            && (!options.Insecure || network.Insecure)
            && !(options.WithoutCas && network.Organizations.Any(organization => organization.CaPort != 0)))
            return;

        throw new CommandFault(
            ExitCode.Usage,
            $"{file} is there already and says which ports, keys and authorities the network has, and whether it " +
            "speaks TLS: leave --base-port, --key-type, --no-ca and --insecure out, edit the file, or name a new " +
            "folder with --dir.");
    }

    private void SayWhatIsInsecure()
    {
        if (_layout.Topology.Insecure)
            _invocation.Console.Error.WriteLine(
                $"INSECURE: no port of this network speaks TLS, because {NetworkTopology.FileName} says insecure: " +
                "true. Anybody on the way reads and changes everything.");
    }

    // A typing error in --dir should not scatter a network over somebody's documents.
    private static void RefuseForeignFolder(string folder)
    {
        if (File.Exists(folder))
            throw new CommandFault(ExitCode.Usage, $"{folder} is a file; name a folder with --dir.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CommandFault(
                ExitCode.Usage,
                $"{folder} is not empty and holds no {NetworkTopology.FileName}: it is no network folder. Name a " +
                "new one with --dir.");
    }

    private async Task StartNodesAsync(CancellationToken cancellation)
    {
        NodePlace[] missing = FindMissing();
        using var probe = new HealthProbe(_layout);
        await _invocation.Progress.WhileAsync("Starting the network", async say =>
        {
            Dictionary<NodePlace, RunMark> started = StartMissing(missing);
            foreach (NodePlace place in _layout.LocalNodes)
            {
                say($"Waiting for {place.Node.Name}");
                await WaitUntilHealthyAsync(place, started.GetValueOrDefault(place), probe, cancellation);
            }
        });
        _invocation.Progress.Say(missing.Length == 0
            ? "The network runs already"
            : $"Started {string.Join(", ", missing.Select(place => place.Node.Name))}");
    }

    private NodePlace[] FindMissing()
    {
        NodePlace[] missing = [.. _layout.LocalNodes.Where(place => !_layout.NodeAt(place).IsRunning)];
        foreach (NodePlace place in missing)
            RequireFreePorts(place);

        return missing;
    }

    private Dictionary<NodePlace, RunMark> StartMissing(NodePlace[] missing) =>
        missing.ToDictionary(place => place, place => _layout.NodeAt(place).Start(place.Role));

    private void RequireFreePorts(NodePlace place)
    {
        foreach (int port in (int[])
            [
                place.Node.Port, place.Node.OperationsPort, place.Node.AdminPort, place.Node.EtcdClientPort,
                place.Node.EtcdPeerPort,
            ])
        {
            IPAddress address = port == place.Node.OperationsPort
                ? IPAddress.Loopback
                : _layout.ListenAddressOf(place);

            // A member that outlived its orderer is taken over by the next one.
            bool isMembers = port == place.Node.EtcdClientPort || port == place.Node.EtcdPeerPort;
            if (port == 0 || (isMembers && _layout.EtcdAt(place).IsRunning))
                continue;

            if (!HealthProbe.IsFree(address, port))
                throw new CommandFault(
                    ExitCode.Local,
                    $"port {port.ToString(CultureInfo.InvariantCulture)}, which {place.Node.Name} needs, is in use " +
                    "by another program. Stop that one (perhaps another network: ./hyperprov network down --dir …), " +
                    "or change the port in " +
                    $"{Path.Combine(_layout.Folder, NetworkTopology.FileName)}; a new network takes --base-port.");
        }
    }

    /// <param name="mark">Null for a node that ran before.</param>
    private async Task WaitUntilHealthyAsync(
        NodePlace place, RunMark? mark, HealthProbe probe, CancellationToken cancellation)
    {
        NodeProcess process = _layout.NodeAt(place);
        long since = _clock.GetTimestamp();
        using var timer = new PeriodicTimer(s_pollEvery, _clock);
        while (!await IsUpAsync(place, probe, cancellation))
        {
            bool isAlive = mark?.IsAlive() ?? process.IsRunning;
            if (!isAlive)
                throw new CommandFault(
                    ExitCode.Local, $"{place.Node.Name} ended at once: {process.LastWords()}. See {process.LogFile}");
            if (_clock.GetElapsedTime(since) > s_startTimeout)
                throw new CommandFault(
                    ExitCode.Unreachable,
                    $"{place.Node.Name} runs but is not healthy after {s_startTimeout.TotalSeconds:0} s. See " +
                    $"{process.LogFile}");

            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    // Where other hosts belong to the network, a node may have to wait for them before all is well.
    private async Task<bool> IsUpAsync(NodePlace place, HealthProbe probe, CancellationToken cancellation) =>
        _layout.LocalHost is null || place.Node.OperationsPort == 0
            ? (await probe.AskAsync(_layout, place, cancellation)).IsHealthy
            : _layout.NodeAt(place).IsRunning
                && await HealthProbe.ListensAsync(IPAddress.Loopback, place.Node.OperationsPort, cancellation);
}
