using Google.Protobuf;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Testing;

/// <summary>
/// A network's material and genesis block in a temporary folder: two organisations, one orderer, real keys.
/// </summary>
/// <remarks>
/// Made in some hundredths of a second. Nothing runs. Whoever creates it disposes it, which deletes the folder.
/// </remarks>
public sealed class TestNetwork : IDisposable
{
    private readonly List<SigningIdentity> _identities = [];

    private TestNetwork(NetworkTopology topology)
    {
        Topology = topology;
        Folder = Directory.CreateTempSubdirectory("hyperprov-test-").FullName;
        MaterialFolder = Path.Combine(Folder, "crypto-config");
        MaterialGenerator.Generate(topology.ToCryptoConfig(), MaterialFolder, topology.KeyType, TimeProvider.System);

        ChannelId = topology.Channels[0].Id;
        bool built = GenesisBlock.TryBuild(
            topology, ChannelId, MaterialFolder, TimeProvider.System, out Block? block, out string? fault);
        Invariant.Require(built && block is not null, fault ?? "");
        Genesis = block;
        GenesisBytes = block.ToByteArray();
        GenesisFile = Path.Combine(Folder, $"{ChannelId}.block");
        File.WriteAllBytes(GenesisFile, GenesisBytes);

        bool read = ChannelConfig.TryFromConfigBlock(block, out ChannelConfig? config, out fault);
        Invariant.Require(read && config is not null, fault ?? "");
        Config = config;

        var layout = new MaterialLayout(MaterialFolder);
        Org1 = Organization(topology.Organizations[0], layout.PeerOrganization(topology.Organizations[0].Domain));
        Org2 = Organization(topology.Organizations[1], layout.PeerOrganization(topology.Organizations[1].Domain));
        Orderer = Organization(
            topology.OrdererOrganizations[0], layout.OrdererOrganization(topology.OrdererOrganizations[0].Domain));
    }

    public NetworkTopology Topology { get; }

    /// <summary>The temporary folder; tests may put their own things beside what lies there.</summary>
    public string Folder { get; }

    /// <summary>crypto-config, in cryptogen's layout.</summary>
    public string MaterialFolder { get; }

    public ChannelId ChannelId { get; }

    public Block Genesis { get; }

    public byte[] GenesisBytes { get; }

    public string GenesisFile { get; }

    /// <summary>Of the genesis block.</summary>
    public ChannelConfig Config { get; }

    public NetworkOrganization Org1 { get; }

    public NetworkOrganization Org2 { get; }

    /// <summary>Its node is the first orderer.</summary>
    public NetworkOrganization Orderer { get; }

    public static TestNetwork Create() => Create(KeyType.P256);

    public static TestNetwork Create(KeyType keyType) =>
        Create(NetworkTopology.Default(orderers: 1, NetworkTopology.DefaultBasePort, keyType));

    /// <param name="topology">At least two organisations and one orderer.</param>
    public static TestNetwork Create(NetworkTopology topology) => new(topology);

    public void Dispose()
    {
        foreach (SigningIdentity identity in _identities)
            identity.Dispose();

        Directory.Delete(Folder, recursive: true);
    }

    private NetworkOrganization Organization(OrganizationTopology organization, OrganizationLayout layout)
    {
        MemberLayout node = layout.Node(organization.Nodes[0].Name);
        return new NetworkOrganization(
            organization.MspId,
            layout,
            node,
            Load(organization.MspId, layout.User("User1").Msp),
            Load(organization.MspId, layout.User("Admin").Msp),
            Load(organization.MspId, node.Msp));
    }

    private SigningIdentity Load(MspId mspId, string msp)
    {
        bool loaded = SigningIdentity.TryLoad(mspId, msp, out SigningIdentity? identity, out string? fault);
        Invariant.Require(loaded && identity is not null, fault ?? "");
        _identities.Add(identity);
        return identity;
    }
}

/// <summary>One organisation of a <see cref="TestNetwork"/>, with the identities that tests sign with.</summary>
/// <param name="NodeLayout">Folders of its first peer or orderer: msp and TLS files.</param>
/// <param name="Node">Identity of its first peer or orderer.</param>
public sealed record NetworkOrganization(
    MspId MspId,
    OrganizationLayout Layout,
    MemberLayout NodeLayout,
    SigningIdentity User1,
    SigningIdentity Admin,
    SigningIdentity Node);
