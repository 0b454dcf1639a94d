using System.Globalization;
using Google.Protobuf;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Networks;

/// <summary>What a new network is like; a network that exists keeps what network.yaml says.</summary>
/// <param name="BasePort">Null: the default ports.</param>
/// <param name="WithoutCas">A new network gets no certificate authorities.</param>
internal sealed record NetworkStartOptions(int Orderers, int? BasePort, KeyType? KeyType, bool WithoutCas)
{
    /// <summary>How a new network cuts blocks; null: as the default network does.</summary>
    public BatchTopology? Batch { get; init; }
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
        var start = new NetworkStart(invocation, NetworkLayout.Open(invocation));
        start.WriteMaterial();
        start.WriteGenesisBlocks();
        NodeConfigs.Write(start._layout);
        var authorities = new CaStart(invocation, start._layout);
        authorities.RequireFreePorts();
        await start.StartNodesAsync(cancellation);

        // Agreeing on contracts is waiting for commits: authorities start meanwhile.
        authorities.Start();
        await start.DeployContractsAsync(cancellation);
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

        RefuseForeignFolder(invocation.Folder);
        NetworkTopology network = NetworkTopology.Default(
            options.Orderers, options.BasePort ?? NetworkTopology.DefaultBasePort, options.KeyType ?? KeyType.P256);
        if (options.Batch is { } batch)
            network = network with
            {
                Channels = [.. network.Channels.Select(channel => channel with { Batch = batch })],
            };

        (options.WithoutCas ? network.WithoutCas() : network).WriteNew(file);
        invocation.Progress.Say($"Wrote {file}");
    }

    private static void RefuseOtherOptions(string file, NetworkTopology network, NetworkStartOptions options)
    {
        NodeTopology? first = network.OrdererOrganizations.SelectMany(org => org.Nodes).FirstOrDefault();
        if ((options.BasePort is null || options.BasePort == first?.Port)
            && (options.KeyType is null || options.KeyType == network.KeyType)
            && !(options.WithoutCas && network.Organizations.Any(organization => organization.CaPort != 0)))
            return;

        throw new CommandFault(
            ExitCode.Usage,
            $"{file} is there already and says which ports, keys and authorities the network has: leave --base-port, " +
            "--key-type and --no-ca out, edit the file, or name a new folder with --dir.");
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

    private void WriteMaterial()
    {
        MaterialReport report = MaterialGenerator.Generate(
            _layout.Topology.ToCryptoConfig(), _layout.MaterialFolder, _layout.Topology.KeyType, _clock);
        if (report.FilesWritten > 0)
            _invocation.Progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"Made keys and certificates of {report.Organizations} organisations ({report.Identities} " +
                $"identities) in {_layout.MaterialFolder}"));
    }

    private void WriteGenesisBlocks()
    {
        foreach (ChannelTopology channel in _layout.Topology.Channels)
        {
            string file = _layout.GenesisFile(channel.Id);
            if (File.Exists(file))
                continue;
            if (!GenesisBlock.TryBuild(
                _layout.Topology, channel.Id, _layout.MaterialFolder, _clock, out Block? block, out string? fault))
                throw new CommandFault(ExitCode.Usage, fault);

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file + ".next", block.ToByteArray());
            File.Move(file + ".next", file);
            _invocation.Progress.Say($"Made the genesis block of channel {channel.Id}");
        }
    }

    private async Task StartNodesAsync(CancellationToken cancellation)
    {
        NodePlace[] missing = [.. _layout.Nodes.Where(place => !_layout.NodeAt(place).IsRunning)];
        foreach (NodePlace place in missing)
            RequireFreePorts(place);

        using var probe = new HealthProbe();
        await _invocation.Progress.WhileAsync("Starting the network", async say =>
        {
            var started = new Dictionary<NodePlace, RunMark>();
            foreach (NodePlace place in missing)
                started.Add(place, _layout.NodeAt(place).Start(place.Role));

            foreach (NodePlace place in _layout.Nodes)
            {
                say($"Waiting for {place.Node.Name}");
                await WaitUntilHealthyAsync(place, started.GetValueOrDefault(place), probe, cancellation);
            }
        });
        _invocation.Progress.Say(missing.Length == 0
            ? "The network runs already"
            : $"Started {string.Join(", ", missing.Select(place => place.Node.Name))}");
    }

    private void RequireFreePorts(NodePlace place)
    {
        foreach (int port in (int[])
            [place.Node.Port, place.Node.OperationsPort, place.Node.EtcdClientPort, place.Node.EtcdPeerPort])
        {
            // A member that outlived its orderer is taken over by the next one.
            bool isMembers = port == place.Node.EtcdClientPort || port == place.Node.EtcdPeerPort;
            if (port == 0 || (isMembers && _layout.EtcdAt(place).IsRunning))
                continue;

            if (!HealthProbe.IsFree(port))
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
        while (!await probe.IsHealthyAsync(place.Node.OperationsPort, cancellation))
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

    private async Task DeployContractsAsync(CancellationToken cancellation)
    {
        foreach (ChannelTopology channel in _layout.Topology.Channels)
        {
            if (channel.Contracts.Count == 0)
                continue;

            await _invocation.Progress.WhileAsync(
                $"Agreeing on the contracts of {channel.Id}", say => DeployAsync(channel, say, cancellation));
        }
    }

    private async Task DeployAsync(ChannelTopology channel, Action<string> say, CancellationToken cancellation)
    {
        var administrators = new Dictionary<string, NetworkSession>(StringComparer.Ordinal);
        try
        {
            foreach (MspId mspId in channel.Organizations)
                administrators.Add(mspId.Value, NetworkSession.Open(_invocation, mspId.Value, "Admin"));

            foreach (ContractTopology contract in channel.Contracts)
            {
                if (!Membership.SignaturePolicy.TryParse(
                    contract.Policy, out SignaturePolicyEnvelope? policy, out PolicySyntaxFault? fault))
                    throw new CommandFault(
                        ExitCode.Usage, $"the policy of the contract {contract.Name} cannot be read: {fault}");

                var deployment = new ContractDeployment(
                    channel.Id.Value, new ContractToDeploy(contract.Name, contract.Version, 1, policy), _clock);
                if (await deployment.RunAsync(administrators, say, cancellation))
                    _invocation.Progress.Say($"The contract {contract.Name} {contract.Version} is on channel " +
                        $"{channel.Id}: {contract.Policy}");
            }
        }
        finally
        {
            foreach (NetworkSession administrator in administrators.Values)
                administrator.Dispose();
        }
    }
}
