using Node.Ca.Hosting;
using Node.Membership.Material;
using Node.Membership.Topology;
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

        foreach (CaPlace place in layout.Cas)
        {
            NodeProcess process = layout.NodeAt(place);
            Directory.CreateDirectory(process.Folder);
            NodeConfig.Write(process.ConfigFile, CaOf(layout, place, process));
        }
    }

    private static CaOptions CaOf(NetworkLayout layout, CaPlace place, NodeProcess process)
    {
        OrganizationLayout material = layout.MaterialOf(place);
        string name = place.Organization.Name.ToLowerInvariant();
        return new CaOptions
        {
            ListenAddress = layout.Topology.ListenAddress,
            ListenPort = place.Port,
            Tls = new CaTlsFiles
            {
                CertificateFile = material.CaServer.TlsCertificateFile,
                KeyFile = material.CaServer.TlsKeyFile,
            },
            Authority = AuthorityOf(material.Ca, place.Organization.CaName),
            TlsAuthority = AuthorityOf(material.TlsCa, place.Organization.TlsCaName),
            DataFolder = process.DataFolder,
            MemberFolders =
            [
                Path.Combine(material.Root, "users"), Path.Combine(material.Root, material.NodesFolder),
            ],

            // As Fabric's samples: clients of theirs register below org1.department1. A network's organisation may
            // have a name that no affiliation can have; then there are none to begin with.
            Affiliations = name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && name != "orderer"
                ? [$"{name}.department1", $"{name}.department2"]
                : [],
        };
    }

    private static CaAuthorityFiles AuthorityOf(string folder, string name) => new()
    {
        Name = name,
        CertificateFile = Path.Combine(folder, $"{name}-cert.pem"),
        KeyFile = Path.Combine(folder, "priv_sk"),
    };

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
        Etcd = place.Node.EtcdClientPort == 0 ? null : EtcdOf(layout, place, process),
    };

    private static EtcdOptions EtcdOf(NetworkLayout layout, NodePlace place, NodeProcess process)
    {
        // Our own member first: it is asked as long as it answers.
        NodeTopology[] members =
        [
            place.Node,
            .. layout.Nodes.Where(other => other.IsOrderer && other.Node != place.Node).Select(other => other.Node),
        ];
        return new EtcdOptions
        {
            Name = place.Node.Name,
            Endpoints = [.. members.Select(node => Url(node.EtcdClientPort))],
            Tls = new OrdererTlsFiles
            {
                CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
                KeyFile = layout.MaterialOf(place).TlsKeyFile,
                RootFiles =
                    [.. layout.Nodes.Where(other => other.IsOrderer)
                        .Select(other => layout.MaterialOf(other).TlsRootFile).Distinct()],
            },
            Member = new EtcdMemberOptions
            {
                DataFolder = layout.EtcdAt(place).Folder,
                ClientUrl = Url(place.Node.EtcdClientPort),
                PeerUrl = Url(place.Node.EtcdPeerPort),
                ListenAddress = layout.Topology.ListenAddress,
                InitialCluster = members.ToDictionary(node => node.Name, node => Url(node.EtcdPeerPort)),
            },
        };

        string Url(int port) => FormattableString.Invariant($"https://{layout.Topology.Host}:{port}");
    }

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
