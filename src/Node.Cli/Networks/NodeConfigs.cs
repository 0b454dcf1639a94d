using Node.Ca.Hosting;
using Node.Membership;
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
        foreach (NodePlace place in layout.LocalNodes)
        {
            NodeProcess process = layout.NodeAt(place);
            Directory.CreateDirectory(process.Folder);
            if (place.IsOrderer)
                NodeConfig.Write(process.ConfigFile, OrdererOf(layout, place, process));
            else
                NodeConfig.Write(process.ConfigFile, PeerOf(layout, place, process));
        }

        foreach (CaPlace place in layout.LocalCas)
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
            ListenAddress = layout.Topology.CaListenAddressOf(place.Organization),
            ListenPort = place.Port,
            Tls = new CaTlsFiles
            {
                CertificateFile = material.CaServer.TlsCertificateFile,
                KeyFile = material.CaServer.TlsKeyFile,
            },
            Insecure = layout.Topology.Insecure,
            OperationsPort = place.Organization.CaOperationsPort is > 0 and int port ? port : null,
            Authority = AuthorityOf(material.Ca, place.Organization.CaName),
            TlsAuthority = AuthorityOf(material.TlsCa, place.Organization.TlsCaName),
            DataFolder = process.DataFolder,
            RegistrarFile = layout.RegistrarOf(place).SecretFile,
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
        ListenAddress = layout.Topology.ListenAddressOf(place.Node),
        ListenPort = place.Node.Port,
        Tls = new OrdererTlsFiles
        {
            CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
            KeyFile = layout.MaterialOf(place).TlsKeyFile,
            RootFiles = layout.TlsRootFiles,
        },
        Insecure = layout.Topology.Insecure,
        MspId = place.Organization.MspId.Value,
        MspFolder = layout.MaterialOf(place).Msp,
        DataFolder = process.DataFolder,
        GenesisBlockFiles = [.. layout.Topology.Channels.Select(channel => layout.GenesisFile(channel.Id))],
        OperationsPort = place.Node.OperationsPort,
        Admin = place.Node.AdminPort == 0 ? null : AdminOf(layout, place),
        Etcd = place.Node.EtcdClientPort == 0 ? null : EtcdOf(layout, place, process),
    };

    // As in Fabric's samples: whoever has a TLS certificate of the orderer's own organisation administers it.
    private static AdminOptions AdminOf(NetworkLayout layout, NodePlace place) => new()
    {
        ListenAddress = layout.Topology.ListenAddressOf(place.Node),
        ListenPort = place.Node.AdminPort,
        Tls = new OrdererTlsFiles
        {
            CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
            KeyFile = layout.MaterialOf(place).TlsKeyFile,
            RootFiles = [layout.MaterialOf(place).TlsRootFile],
        },
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
            Endpoints = [.. members.Select(node => UrlOf(node, node.EtcdClientPort))],
            Tls = layout.Topology.Insecure ? null : new OrdererTlsFiles
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
                ClientUrl = UrlOf(place.Node, place.Node.EtcdClientPort),
                PeerUrl = UrlOf(place.Node, place.Node.EtcdPeerPort),
                ListenAddress = layout.Topology.ListenAddressOf(place.Node),
                InitialCluster = members.ToDictionary(node => node.Name, node => UrlOf(node, node.EtcdPeerPort)),
            },
        };

        string UrlOf(NodeTopology node, int port) =>
            $"{layout.Scheme}://{new Endpoint(layout.Topology.HostOf(node), port)}";
    }

    private static PeerOptions PeerOf(NetworkLayout layout, NodePlace place, NodeProcess process) => new()
    {
        ListenAddress = layout.Topology.ListenAddressOf(place.Node),
        ListenPort = place.Node.Port,
        ExternalAddress = new Endpoint(layout.Topology.HostOf(place.Node), place.Node.Port).ToString(),
        Tls = new TlsFiles
        {
            CertificateFile = layout.MaterialOf(place).TlsCertificateFile,
            KeyFile = layout.MaterialOf(place).TlsKeyFile,
            RootFiles = layout.TlsRootFiles,
        },
        Insecure = layout.Topology.Insecure,
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
