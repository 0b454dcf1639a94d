using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using ImplicitMetaPolicy = Node.Protocol.Wire.Common.ImplicitMetaPolicy;
using WirePolicy = Node.Protocol.Wire.Common.Policy;

namespace Node.Testing.Channels;

/// <summary>
/// The channel of design.md section 6 in memory: Org1 and Org2 with a peer and a client each, and an orderer
/// organisation. Its parts can be changed before its configuration is asked for.
/// </summary>
public sealed class TestChannel : IDisposable
{
    public TestChannel()
    {
        Peer1 = Org1.Issue("peer0.org1.example.com", "peer");
        Peer2 = Org2.Issue("peer0.org2.example.com", "peer");
        Client1 = Org1.Issue("User1@org1.example.com", "client");
        Client2 = Org2.Issue("User1@org2.example.com", "client");
        Admin1 = Org1.Issue("Admin@org1.example.com", "admin");
        Admin2 = Org2.Issue("Admin@org2.example.com", "admin");
        Orderer = OrdererOrg.Issue("orderer.example.com", "orderer");
        OrdererAdmin = OrdererOrg.Issue("Admin@example.com", "admin");
    }

    public ChannelId Id { get; } = ChannelId.Of("mychannel");

    public TestIssuer Org1 { get; } = new("Org1", "Org1MSP");

    public TestIssuer Org2 { get; } = new("Org2", "Org2MSP");

    public TestIssuer OrdererOrg { get; } = new("OrdererOrg", "OrdererMSP");

    public SigningIdentity Peer1 { get; }

    public SigningIdentity Peer2 { get; }

    public SigningIdentity Client1 { get; }

    public SigningIdentity Client2 { get; }

    public SigningIdentity Admin1 { get; }

    public SigningIdentity Admin2 { get; }

    public SigningIdentity Orderer { get; }

    public SigningIdentity OrdererAdmin { get; }

    /// <summary>Where each organisation's peers are reached, by group key; none unless a test says so.</summary>
    public Dictionary<string, AnchorPeer[]> AnchorPeers { get; } = new(StringComparer.Ordinal);

    /// <summary>The configuration as it stands now, at sequence 0.</summary>
    public ChannelConfig Config() => Config(ToConfig());

    public ChannelConfig Config(Config config)
    {
        bool created = ChannelConfig.TryCreate(Id, config, out ChannelConfig? channel, out string? fault);
        return created && channel is not null ? channel : throw new InvalidOperationException(fault);
    }

    public Config ToConfig()
    {
        var root = new ConfigGroup { ModPolicy = "Admins" };
        AddValue(root, "HashingAlgorithm", new HashingAlgorithm { Name = "SHA256" });
        AddValue(root, "BlockDataHashingStructure", new BlockDataHashingStructure { Width = uint.MaxValue });
        AddValue(root, "Capabilities", CapabilitiesOf("V2_0"));
        AddImplicitPolicies(root, "Readers", "Writers");
        AddImplicit(root, "Admins", "Admins", ImplicitMetaPolicy.Types.Rule.Majority);
        root.Groups["Application"] = Application();
        root.Groups["Orderer"] = Ordering();
        return new Config { Sequence = 0, ChannelGroup = root };
    }

    public void Dispose()
    {
        foreach (SigningIdentity member in (SigningIdentity[])
            [Peer1, Peer2, Client1, Client2, Admin1, Admin2, Orderer, OrdererAdmin])
            member.Dispose();

        Org1.Dispose();
        Org2.Dispose();
        OrdererOrg.Dispose();
    }

    private ConfigGroup Application()
    {
        var group = new ConfigGroup { ModPolicy = "Admins" };
        AddValue(group, "Capabilities", CapabilitiesOf("V2_5"));
        AddImplicitPolicies(group, "Readers", "Writers");
        AddImplicit(group, "Admins", "Admins", ImplicitMetaPolicy.Types.Rule.Majority);
        AddImplicit(group, "Endorsement", "Endorsement", ImplicitMetaPolicy.Types.Rule.Majority);
        AddImplicit(group, "LifecycleEndorsement", "Endorsement", ImplicitMetaPolicy.Types.Rule.Majority);
        foreach (TestIssuer organization in (TestIssuer[])[Org1, Org2])
        {
            string id = organization.MspId.Value;
            ConfigGroup member = Member(organization);
            AddSignature(member, "Readers", $"OR('{id}.admin', '{id}.peer', '{id}.client')");
            AddSignature(member, "Writers", $"OR('{id}.admin', '{id}.client')");
            AddSignature(member, "Admins", $"OR('{id}.admin')");
            AddSignature(member, "Endorsement", $"OR('{id}.peer')");
            if (AnchorPeers.TryGetValue(organization.Name, out AnchorPeer[]? anchors))
                AddValue(member, "AnchorPeers", new AnchorPeers { AnchorPeers_ = { anchors } });

            group.Groups[organization.Name] = member;
        }

        return group;
    }

    private ConfigGroup Ordering()
    {
        var group = new ConfigGroup { ModPolicy = "Admins" };
        AddValue(group, "ConsensusType", new ConsensusType { Type = "etcdraft" });
        AddValue(group, "BatchSize", new BatchSize
        {
            MaxMessageCount = 500,
            AbsoluteMaxBytes = 10 << 20,
            PreferredMaxBytes = 2 << 20,
        });
        AddValue(group, "BatchTimeout", new BatchTimeout { Timeout = "2s" });
        AddValue(group, "Capabilities", CapabilitiesOf("V2_0"));
        AddImplicitPolicies(group, "Readers", "Writers");
        AddImplicit(group, "Admins", "Admins", ImplicitMetaPolicy.Types.Rule.Majority);
        AddImplicit(group, "BlockValidation", "Writers", ImplicitMetaPolicy.Types.Rule.Any);
        ConfigGroup member = Member(OrdererOrg);
        string id = OrdererOrg.MspId.Value;
        AddValue(member, "Endpoints", new OrdererAddresses { Addresses = { "localhost:7050" } });
        AddSignature(member, "Readers", $"OR('{id}.member')");
        AddSignature(member, "Writers", $"OR('{id}.member')");
        AddSignature(member, "Admins", $"OR('{id}.admin')");
        group.Groups[OrdererOrg.Name] = member;
        return group;
    }

    private static ConfigGroup Member(TestIssuer organization)
    {
        var group = new ConfigGroup { ModPolicy = "Admins" };
        AddValue(group, "MSP", new MSPConfig { Type = 0, Config = organization.ToConfig().ToByteString() });
        return group;
    }

    private static Capabilities CapabilitiesOf(string name)
    {
        var capabilities = new Capabilities();
        capabilities.Capabilities_.Add(name, new Capability());
        return capabilities;
    }

    private static void AddValue(ConfigGroup group, string key, IMessage value) =>
        group.Values[key] = new ConfigValue { Value = value.ToByteString(), ModPolicy = "Admins" };

    private static void AddImplicitPolicies(ConfigGroup group, params string[] names)
    {
        foreach (string name in names)
            AddImplicit(group, name, name, ImplicitMetaPolicy.Types.Rule.Any);
    }

    private static void AddImplicit(
        ConfigGroup group, string name, string subPolicy, ImplicitMetaPolicy.Types.Rule rule) =>
        AddPolicy(
            group,
            name,
            WirePolicy.Types.PolicyType.ImplicitMeta,
            new ImplicitMetaPolicy { SubPolicy = subPolicy, Rule = rule });

    private static void AddSignature(ConfigGroup group, string name, string text) =>
        AddPolicy(group, name, WirePolicy.Types.PolicyType.Signature, PolicyText.Parse(text));

    private static void AddPolicy(ConfigGroup group, string name, WirePolicy.Types.PolicyType type, IMessage value) =>
        group.Policies[name] = new ConfigPolicy
        {
            Policy = new WirePolicy { Type = (int)type, Value = value.ToByteString() },
            ModPolicy = "Admins",
        };
}
