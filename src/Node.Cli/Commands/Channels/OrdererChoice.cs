using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client.Channels;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Channels;

/// <summary>Which orderer of network.yaml a command speaks to.</summary>
internal static class OrdererChoice
{
    public static Option<string> Orderer { get; } = new("--orderer")
    {
        Description = "The orderer: its name in network.yaml; the first one by default", HelpName = "NAME",
    };

    public static NodePlace Find(NetworkLayout layout, string? name)
    {
        NodePlace[] orderers = [.. layout.Nodes.Where(place => place.IsOrderer)];
        return orderers.FirstOrDefault(place =>
                name is null || place.Node.Name == name || place.Node.ShortName == name)
            ?? throw new CommandFault(
                ExitCode.NotFound,
                $"{NetworkTopology.FileName} names no orderer {name}; it has "
                + $"{string.Join(", ", orderers.Select(place => place.Node.Name))}. A new one is added there first.");
    }

    public static OrdererAddress AddressOf(NetworkLayout layout, NodePlace place) => new(
        layout.Topology.HostOf(place.Node), place.Node.Port, File.ReadAllText(layout.MaterialOf(place).TlsRootFile));

    /// <summary>The orderer's channel participation API, as its organisation's Admin or, without one, as
    /// itself.</summary>
    public static ChannelParticipation OpenParticipation(Invocation invocation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = Find(layout, invocation.Get(Orderer));
        if (place.Node.AdminPort == 0)
            throw new CommandFault(
                ExitCode.Usage,
                $"{place.Node.Name} has no admin port: give it an adminPort in {NetworkTopology.FileName}, then "
                + "restart it");

        return new ChannelParticipation(
            AddressOf(layout, place) with { Port = place.Node.AdminPort }, AdministratorOf(layout, place));
    }

    /// <summary>Whose TLS certificate the orderer's own organisation vouches for.</summary>
    public static MemberLayout AdministratorOf(NetworkLayout layout, NodePlace place)
    {
        MemberLayout admin = layout.Material.OrdererOrganization(place.Organization.Domain).User("Admin");
        return File.Exists(admin.TlsKeyFile) ? admin : layout.MaterialOf(place);
    }
}
