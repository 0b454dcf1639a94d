using Node.Orderer.Hosting;
using Node.Peer.Hosting;

namespace Node.Cli.Networks;

/// <summary>Writes each node's configuration from network.yaml.</summary>
internal static class NodeConfigs
{
    public static void Write(NetworkLayout layout)
    {
        foreach (NodePlace place in layout.Nodes)
        {
            NodeProcess process = layout.NodeAt(place);
            Directory.CreateDirectory(process.Folder);
            if (place.IsOrderer)
                NodeConfig.Write(process.ConfigFile, OrdererOf(layout, place, process));
            else
                NodeConfig.Write(process.ConfigFile, PeerOf(layout, place, process));
        }
    }

    private static OrdererOptions OrdererOf(NetworkLayout layout, NodePlace place, NodeProcess process) => new()
    {
        ListenAddress = layout.Topology.ListenAddress,
        ListenPort = place.Node.Port,
        Tls = new OrdererTlsFiles
        {
            CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
            KeyFile = layout.MaterialOf(place).TlsKeyFile,
            RootFiles = layout.TlsRootFiles,
        },
        MspId = place.Organization.MspId.Value,
        MspFolder = layout.MaterialOf(place).Msp,
        DataFolder = process.DataFolder,
        GenesisBlockFiles = [.. layout.Topology.Channels.Select(channel => layout.GenesisFile(channel.Id))],
        OperationsPort = place.Node.OperationsPort,
    };

    private static PeerOptions PeerOf(NetworkLayout layout, NodePlace place, NodeProcess process) => new()
    {
        ListenAddress = layout.Topology.ListenAddress,
        ListenPort = place.Node.Port,
        ExternalAddress = FormattableString.Invariant($"{layout.Topology.Host}:{place.Node.Port}"),
        Tls = new TlsFiles
        {
            CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
            KeyFile = layout.MaterialOf(place).TlsKeyFile,
            RootFiles = layout.TlsRootFiles,
        },
        MspId = place.Organization.MspId.Value,
        MspFolder = layout.MaterialOf(place).Msp,
        DataFolder = process.DataFolder,
        GenesisBlockFiles =
        [
            .. layout.Topology.Channels
                .Where(channel => channel.Organizations.Contains(place.Organization.MspId))
                .Select(channel => layout.GenesisFile(channel.Id)),
        ],
        OperationsPort = place.Node.OperationsPort,
    };
}
