using System.Diagnostics.CodeAnalysis;
using Node.Membership.Material;
using Node.Protocol;

namespace Node.Membership.Topology;

/// <summary>One peer or orderer.</summary>
/// <param name="ShortName">As "peer0".</param>
/// <param name="Name">As "peer0.org1.example.com"; names its folder and certificate.</param>
public sealed record NodeTopology(string ShortName, string Name, int Port, int OperationsPort);

/// <summary>One organisation and what it runs.</summary>
/// <param name="Name">The key of its configuration group.</param>
/// <param name="UserCount">Users beside Admin.</param>
/// <param name="Nodes">Its peers, or for an orderer organisation its orderers.</param>
public sealed record OrganizationTopology(
    string Name, MspId MspId, string Domain, int UserCount, int CaPort, IReadOnlyList<NodeTopology> Nodes);

/// <summary>A contract that a channel starts with.</summary>
/// <param name="Policy">Endorsement policy in the policy language; checked when the file is read.</param>
public sealed record ContractTopology(string Name, string Version, string Policy);

/// <summary>How the orderers of a channel cut batches.</summary>
public sealed record BatchTopology(
    int MaxMessageCount, int PreferredMaxBytes, int AbsoluteMaxBytes, TimeSpan Timeout)
{
    public static BatchTopology Default { get; } = new(
        Limits.BatchEnvelopesPreferred, Limits.BatchBytesPreferred, Limits.EnvelopeBytesMax, TimeSpan.FromSeconds(2));
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
/// <param name="Host">The name under which nodes reach each other.</param>
/// <param name="ListenAddress">Where nodes listen.</param>
public sealed record NetworkTopology(
    string Host,
    string ListenAddress,
    KeyType KeyType,
    int RestPort,
    IReadOnlyList<OrganizationTopology> OrdererOrganizations,
    IReadOnlyList<OrganizationTopology> Organizations,
    IReadOnlyList<ChannelTopology> Channels)
{
    public const string FileName = "network.yaml";

    /// <summary>
    /// The first orderer's port in the default network; <c>--base-port</c> moves all ports by the same distance.
    /// </summary>
    public const int DefaultBasePort = 7050;

    /// <summary>The highest base port with which every default port is still one.</summary>
    public const int BasePortMax = ushort.MaxValue - DefaultTopology.PortSpan;

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
    public static void WriteDefault(string path, int orderers, int basePort, KeyType keyType)
    {
        if (File.Exists(path))
            return;

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
            File.WriteAllText(path, TopologyText.Write(Default(orderers, basePort, keyType)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("write the network file", path, e.Message, e);
        }
    }

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

    private OrganizationSpec ToSpec(OrganizationTopology organization) => new(
        organization.Name,
        organization.Domain,
        EnableNodeOus: true,
        new NodeSpec("ca", $"ca.{organization.Domain}"),
        [.. organization.Nodes.Select(node => new NodeSpec(node.ShortName, node.Name) { Sans = [Host] })],
        organization.UserCount);
}
