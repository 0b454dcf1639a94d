using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Cli.Commands.Ledgers;

/// <summary>One peer of this machine whose ledger a command is about, running or not.</summary>
/// <param name="DataFolder">Where its ledgers lie.</param>
/// <param name="MspFolder">Its own identity's.</param>
/// <param name="MarkFile">Says whether it runs.</param>
/// <param name="GenesisFiles">Of the channels it may join.</param>
internal sealed record PeerPlace(
    string Name, MspId MspId, string DataFolder, string MspFolder, string MarkFile, IReadOnlyList<string> GenesisFiles)
{
    private static readonly Option<string> s_peer = new("--peer")
    {
        Description = "A peer of network.yaml by name; left out: the first one of --org",
        HelpName = "NAME",
    };

    private static readonly Option<string> s_node = new("--node")
    {
        Description = "Instead of a network folder: a peer's folder with its config.json",
        HelpName = "DIR",
    };

    public static Option<string> PeerOption => s_peer;

    public static Option<string> NodeOption => s_node;

    public bool IsRunning => RunMark.TryRead(MarkFile, out RunMark? mark) && mark.IsAlive();

    public static PeerPlace Find(Invocation invocation)
    {
        if (invocation.Get(s_node) is { } folder)
            return OfNode(invocation.Console.PathOf(folder));

        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = FindNode(invocation, layout);
        return new PeerPlace(
            place.Node.Name,
            place.Organization.MspId,
            layout.NodeAt(place).DataFolder,
            layout.MaterialOf(place).Msp,
            layout.NodeAt(place).MarkFile,
            [.. layout.Topology.Channels.Select(channel => layout.GenesisFile(channel.Id))]);
    }

    /// <summary>A connection to the running peer as its organisation's administrator.</summary>
    public static Gateway ConnectAsAdministrator(Invocation invocation)
    {
        if (invocation.Get(s_node) is not null)
        {
            throw new CommandFault(
                ExitCode.Usage,
                "the peer runs, so its organisation's administrator has to ask it, and --node names no network folder "
                + "with that identity. Say --dir DIR --peer NAME, or stop the peer.");
        }

        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = FindNode(invocation, layout);
        string user = invocation.NamesUser ? invocation.User : "Admin";
        string msp = layout.Material.PeerOrganization(place.Organization.Domain).User(user).Msp;
        if (!SigningIdentity.TryLoad(
            place.Organization.MspId, msp, out SigningIdentity? administrator, out string? fault))
            throw new CommandFault(ExitCode.NotFound, fault);

        return Gateway.Connect(new GatewayOptions
        {
            Endpoint = FormattableString.Invariant($"{layout.Topology.HostOf(place.Node)}:{place.Node.Port}"),
            Identity = new ClientIdentity(administrator.MspId, administrator.Serialized),
            Signer = administrator.Sign,
            TlsRootsPem = File.ReadAllText(layout.MaterialOf(place).TlsRootFile),
            ServerName = place.Node.Name,
        });
    }

    public string LedgerFolder(ChannelId channel) => Path.Combine(DataFolder, "channels", channel.Value);

    /// <summary>The hash of the channel's block 0, from the genesis files; null when none is of the channel.</summary>
    public Hash32? GenesisHash(ChannelId channel)
    {
        foreach (string file in GenesisFiles.Where(File.Exists))
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (ChannelConfig.TryFromConfigBlock(bytes, out ChannelConfig? config, out _)
                && config.Id == channel
                && BlockBytes.TryDecode(bytes, out BlockBytes? block, out _))
                return block.Hash;
        }

        return null;
    }

    private static PeerPlace OfNode(string folder)
    {
        PeerOptions options = NodeConfig.ReadPeer(Path.Combine(folder, "config.json"), insecure: false);
        return new PeerPlace(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            MspId.Of(options.MspId),
            options.DataFolder,
            options.MspFolder,
            Path.Combine(folder, "pid"),
            options.GenesisBlockFiles);
    }

    private static NodePlace FindNode(Invocation invocation, NetworkLayout layout)
    {
        string? name = invocation.Get(s_peer);
        NodePlace[] peers = [.. layout.LocalNodes.Where(place => !place.IsOrderer)];
        NodePlace? found = name is null
            ? Array.Find(peers, place => IsOrganization(place, invocation.Organization))
            : Array.Find(peers, place => place.Node.Name == name);
        return found ?? throw new CommandFault(
            ExitCode.NotFound,
            $"there is no peer \"{name ?? invocation.Organization}\" here. In {layout.Folder} there are: "
            + string.Join(", ", peers.Select(place => place.Node.Name)) + ".");
    }

    private static bool IsOrganization(NodePlace place, string text) =>
        new[] { place.Organization.Name, place.Organization.MspId.Value, place.Organization.Domain }
            .Contains(text, StringComparer.OrdinalIgnoreCase);
}
