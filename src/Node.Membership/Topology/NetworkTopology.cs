using System.Diagnostics.CodeAnalysis;
using Node.Membership.Material;
using Node.Protocol;

namespace Node.Membership.Topology;

/// <summary>One peer or orderer.</summary>
public sealed record NodeTopology
{
    /// <summary>As "peer0".</summary>
    public required string ShortName { get; init; }

    /// <summary>As "peer0.org1.example.com"; names its folder and certificate.</summary>
    public required string Name { get; init; }

    public required int Port { get; init; }

    /// <summary>Name or address under which others dial it; null: the network's.</summary>
    public string? Host { get; init; }

    /// <summary>IP address that it listens on; null: the network's.</summary>
    public string? Listen { get; init; }

    /// <summary>For metrics and health; 0 for none.</summary>
    public required int OperationsPort { get; init; }

    /// <summary>Where administrators join and remove an orderer's channels (osnadmin); 0 for nowhere.</summary>
    public int AdminPort { get; init; }

    /// <summary>Where an orderer's etcd member serves the orderers; 0 where the log is the orderer's own.</summary>
    public int EtcdClientPort { get; init; }

    /// <summary>Where an orderer's etcd member serves the other members; 0 as above.</summary>
    public int EtcdPeerPort { get; init; }
}

/// <summary>One organisation and what it runs.</summary>
public sealed record OrganizationTopology
{
    /// <summary>The key of its configuration group.</summary>
    public required string Name { get; init; }

    public required MspId MspId { get; init; }

    public required string Domain { get; init; }

    /// <summary>Users beside Admin.</summary>
    public required int UserCount { get; init; }

    /// <summary>0 for no CA.</summary>
    public required int CaPort { get; init; }

    /// <summary>Name or address under which others dial its CA; null: the network's.</summary>
    public string? CaHost { get; init; }

    /// <summary>IP address that its CA listens on; null: the network's.</summary>
    public string? CaListen { get; init; }

    /// <summary>For the CA's metrics and health; 0 for none.</summary>
    public int CaOperationsPort { get; init; }

    /// <summary>Of its certificate authority, and of that one's server.</summary>
    public string CaName => $"ca.{Domain}";

    /// <summary>Of the authority that issues TLS certificates.</summary>
    public string TlsCaName => $"tlsca.{Domain}";

    /// <summary>Its peers, or for an orderer organisation its orderers.</summary>
    public required IReadOnlyList<NodeTopology> Nodes { get; init; }
}

/// <summary>A contract that a channel starts with.</summary>
public sealed record ContractTopology
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Endorsement policy in the policy language; checked when the file is read.</summary>
    public required string Policy { get; init; }
}

/// <summary>
/// How the orderers of a channel cut batches; the properties stand for the fields of Fabric's BatchSize.
/// </summary>
public sealed record BatchTopology
{
    public static BatchTopology Default { get; } = new()
    {
        MaxMessageCount = Limits.BatchEnvelopesPreferred,
        PreferredMaxBytes = Limits.BatchBytesPreferred,
        AbsoluteMaxBytes = Limits.EnvelopeBytesMax,
        Timeout = TimeSpan.FromSeconds(2),
    };

    public required int MaxMessageCount { get; init; }

    public required int PreferredMaxBytes { get; init; }

    public required int AbsoluteMaxBytes { get; init; }

    public required TimeSpan Timeout { get; init; }
}

/// <summary>One channel.</summary>
/// <param name="Organizations">The organisations that endorse in it.</param>
/// <param name="Policies">
/// Of the group Application, where they differ from Fabric's defaults: name to "ANY|ALL|MAJORITY name" or policy text.
/// </param>
public sealed record ChannelTopology(
    ChannelId Id,
    IReadOnlyList<MspId> Organizations,
    IReadOnlyList<ContractTopology> Contracts,
    IReadOnlyDictionary<string, string> Policies,
    BatchTopology Batch);

/// <summary>A whole network, as network.yaml describes it: the one file a person edits.</summary>
public sealed record NetworkTopology
{
    public const string FileName = "network.yaml";

    /// <summary>
    /// The first orderer's port in the default network; <c>--base-port</c> moves all ports by the same distance.
    /// </summary>
    public const int DefaultBasePort = 7050;

    /// <summary>The highest base port with which every default port is still one.</summary>
    public const int BasePortMax = ushort.MaxValue - DefaultTopology.PortSpan;

    /// <summary>The name under which nodes reach each other that have no host of their own.</summary>
    public required string Host { get; init; }

    /// <summary>Where nodes listen that say nothing else.</summary>
    public required string ListenAddress { get; init; }

    /// <summary>
    /// True: no port of the network speaks TLS. For trying things out on one machine; every start says so.
    /// </summary>
    public bool Insecure { get; init; }

    public required KeyType KeyType { get; init; }

    public required int RestPort { get; init; }

    public required IReadOnlyList<OrganizationTopology> OrdererOrganizations { get; init; }

    /// <summary>The organisations that run peers.</summary>
    public required IReadOnlyList<OrganizationTopology> Organizations { get; init; }

    public required IReadOnlyList<ChannelTopology> Channels { get; init; }

    /// <summary>Every host that runs something, once, in the order of the file: orderers' first.</summary>
    public IReadOnlyList<string> Hosts =>
    [
        .. OrdererOrganizations.Concat(Organizations).SelectMany(HostsOf).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Under which name or address others dial the node.</summary>
    public string HostOf(NodeTopology node) => node.Host ?? Host;

    /// <summary>Under which name or address others dial the organisation's CA.</summary>
    public string CaHostOf(OrganizationTopology organization) => organization.CaHost ?? Host;

    public string ListenAddressOf(NodeTopology node) => node.Listen ?? ListenAddress;

    public string CaListenAddressOf(OrganizationTopology organization) => organization.CaListen ?? ListenAddress;

    /// <summary>Two organisations with a peer each, and one or three orderers, on loopback.</summary>
    public static NetworkTopology Default(int orderers, int basePort, KeyType keyType) =>
        DefaultTopology.Create(orderers, basePort, keyType);

    /// <param name="fault">One line per fault: file, line, field, what is wrong.</param>
    public static bool TryLoad(
        string path, [NotNullWhen(true)] out NetworkTopology? topology, [NotNullWhen(false)] out string? fault)
    {
        topology = null;
        return YamlMap.TryLoad(path, out YamlMap? root, out fault)
            && TopologyReader.TryRead(root, out topology, out fault);
    }

    /// <inheritdoc cref="TryLoad"/>
    /// <param name="name">Of the file, for messages.</param>
    public static bool TryParse(
        string name,
        string yaml,
        [NotNullWhen(true)] out NetworkTopology? topology,
        [NotNullWhen(false)] out string? fault)
    {
        topology = null;
        return YamlMap.TryParse(name, yaml, out YamlMap? root, out fault)
            && TopologyReader.TryRead(root, out topology, out fault);
    }

    /// <summary>Writes the default network as a file to edit. An existing file is kept.</summary>
    /// <exception cref="StorageFailedException">The file cannot be written.</exception>
    public static void WriteDefault(string path, int orderers, int basePort, KeyType keyType) =>
        Default(orderers, basePort, keyType).WriteNew(path);

    /// <summary>Writes the network as a file to edit. An existing file is kept.</summary>
    /// <exception cref="StorageFailedException">The file cannot be written.</exception>
    public void WriteNew(string path)
    {
        if (File.Exists(path))
            return;

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
            File.WriteAllText(path, TopologyText.Write(this));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write the network file", path, e.Message, e);
        }
    }

    /// <summary>The same network without certificate authorities' servers.</summary>
    public NetworkTopology WithoutCas() => this with
    {
        OrdererOrganizations = [.. OrdererOrganizations.Select(WithoutCa)],
        Organizations = [.. Organizations.Select(WithoutCa)],
    };

    private static OrganizationTopology WithoutCa(OrganizationTopology organization) =>
        organization with { CaPort = 0, CaOperationsPort = 0 };

    /// <summary>Text that <see cref="TryParse"/> reads back, with comments for whoever edits it.</summary>
    public string ToYaml() => TopologyText.Write(this);

    public bool TryFindOrganization(MspId mspId, [NotNullWhen(true)] out OrganizationTopology? organization)
    {
        organization = Organizations.Concat(OrdererOrganizations).FirstOrDefault(org => org.MspId == mspId);
        return organization is not null;
    }

    /// <summary>What the material generator needs for this network. Roles are told apart by NodeOUs.</summary>
    public CryptoConfig ToCryptoConfig() =>
        new([.. OrdererOrganizations.Select(ToSpec)], [.. Organizations.Select(ToSpec)]);

    private IEnumerable<string> HostsOf(OrganizationTopology organization)
    {
        IEnumerable<string> hosts = organization.Nodes.Select(HostOf);
        return organization.CaPort == 0 ? hosts : hosts.Append(CaHostOf(organization));
    }

    private OrganizationSpec ToSpec(OrganizationTopology organization) => new()
    {
        Name = organization.Name,
        Domain = organization.Domain,
        EnableNodeOus = true,
        Ca = new NodeSpec { Hostname = "ca", CommonName = organization.CaName, Sans = [CaHostOf(organization)] },
        Nodes = [.. organization.Nodes.Select(ToSpec)],
        UserCount = organization.UserCount,
    };

    private NodeSpec ToSpec(NodeTopology node) =>
        new() { Hostname = node.ShortName, CommonName = node.Name, Sans = [HostOf(node)] };
}
