using System.Globalization;
using Node.Cli.Inspecting;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;
using Node.Membership.Topology;
using Node.Peer.Pulling;
using Node.Protocol;

namespace Node.Cli.Networks;

/// <summary>One node as it is now.</summary>
/// <param name="ProcessId">Null when it does not run.</param>
/// <param name="OperationsPort">Null where a certificate authority has none.</param>
/// <param name="Height">Of the first channel; null where there is none, and where it is not known.</param>
internal sealed record NodeStatus(
    string Name,
    string Role,
    string MspId,
    string Address,
    int? OperationsPort,
    int? ProcessId,
    bool Healthy,
    ulong? Height)
{
    /// <summary>What a node that runs says is wrong with it.</summary>
    public string? Reason { get; init; }

    /// <summary>Files that a peer holds against orderers that signed two chains; null for other nodes.</summary>
    public int? Evidence { get; init; }
}

/// <summary>Looks at every node of a network folder.</summary>
internal static class NetworkStatus
{
    /// <returns>Ok when every node is healthy.</returns>
    public static async Task<ExitCode> ShowAsync(
        Invocation invocation, NetworkLayout layout, CancellationToken cancellation)
    {
        var nodes = new List<NodeStatus>();
        using (var probe = new HealthProbe(layout))
        {
            foreach (NodePlace place in layout.LocalNodes)
                nodes.Add(await LookAtAsync(invocation, layout, place, probe, cancellation));
            nodes.AddRange(
                await Task.WhenAll(layout.LocalCas.Select(place => LookAtAsync(layout, place, cancellation))));
        }

        var inventory = new CertificateInventory(invocation, layout);
        IReadOnlyList<CertificateLife> certificates = inventory.Read();
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { layout.Folder, Nodes = nodes, Certificates = certificates });
        }
        else
        {
            Show(invocation, layout, nodes);
            inventory.Show(certificates);
        }

        return nodes.All(node => node.Healthy) ? ExitCode.Ok : ExitCode.Unreachable;
    }

    private static async Task<NodeStatus> LookAtAsync(
        Invocation invocation, NetworkLayout layout, NodePlace place, HealthProbe probe, CancellationToken cancellation)
    {
        int? processId = layout.NodeAt(place).ProcessId;
        NodeHealth health = processId is null
            ? new NodeHealth(IsHealthy: false, Reason: null)
            : await probe.AskAsync(layout, place, cancellation);
        bool healthy = health.IsHealthy;
        ulong? height = healthy && !place.IsOrderer && place.Organization.Nodes[0] == place.Node
            ? await HeightAsync(invocation, layout, place, cancellation)
            : null;
        return new NodeStatus(
            place.Node.Name, place.Role, place.Organization.MspId.Value,
            layout.AddressOf(place), place.Node.OperationsPort, processId, healthy, height)
        {
            Reason = health.Reason,
            Evidence = place.IsOrderer ? null : new EvidenceFolder(layout.NodeAt(place).DataFolder).List().Count,
        };
    }

    private static async Task<NodeStatus> LookAtAsync(
        NetworkLayout layout, CaPlace place, CancellationToken cancellation)
    {
        int? processId = layout.NodeAt(place).ProcessId;
        return new NodeStatus(
            place.Name, CaPlace.Role, place.Organization.MspId.Value, layout.AddressOf(place),
            place.Organization.CaOperationsPort is > 0 and int port ? port : null,
            processId, processId is not null && await CaStart.AnswersAsync(layout, place, cancellation), Height: null);
    }

    private static async Task<ulong?> HeightAsync(
        Invocation invocation, NetworkLayout layout, NodePlace place, CancellationToken cancellation)
    {
        ChannelTopology? channel = layout.Topology.Channels
            .FirstOrDefault(candidate => candidate.Organizations.Contains(place.Organization.MspId));
        if (channel is null)
            return null;

        try
        {
            using NetworkSession session = NetworkSession.Open(invocation, place.Organization.MspId.Value, "Admin");
            return (await new LedgerQueries(session, channel.Id.Value).InformationAsync(cancellation)).Height;
        }
        catch (Exception e) when (e is GatewayException or PeerUnreachableException or NetworkFolderException)
        {
            return null;   // Status reports what it can see; that the node is there it has shown already.
        }
    }

    private static void Show(Invocation invocation, NetworkLayout layout, List<NodeStatus> nodes)
    {
        var table = new TextTable("node", "role", "organisation", "address", "process", "state", "height");
        foreach (NodeStatus node in nodes)
        {
            TextTable.Cell state = node.Healthy ? new TextTable.Cell("healthy", "green")
                : node.ProcessId is null ? new TextTable.Cell("stopped", "red")
                : new TextTable.Cell("not healthy", "yellow");
            table.Add(
                node.Name, node.Role, node.MspId, node.Address,
                node.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "", state,
                node.Height?.ToString(CultureInfo.InvariantCulture) ?? "");
        }

        table.Show(invocation.Console);
        foreach (NodeStatus node in nodes.Where(node => node.Reason is not null))
            invocation.Progress.Say($"{node.Name}: {node.Reason}");
        foreach (NodeStatus node in nodes.Where(node => node.Evidence > 0))
        {
            invocation.Progress.Say(
                $"{node.Name} holds evidence against orderers ({node.Evidence} files): ./hyperprov ledger evidence "
                + $"--peer {node.Name}{invocation.FolderOption}");
        }

        invocation.Progress.Say(nodes.All(node => node.Healthy)
            ? $"Folder {layout.Folder}; logs in nodes/NAME/log.txt"
            : layout.LocalHost is not null && nodes.All(node => node.ProcessId is not null)
            ? "Not all nodes are healthy; they may be waiting for nodes on other hosts. Logs in nodes/NAME/log.txt"
            : $"Not all nodes run. Start them with: ./hyperprov network up{invocation.FolderOption}");
    }
}
