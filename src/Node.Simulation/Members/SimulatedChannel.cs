using Google.Protobuf;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Simulation.Worlds;
using GenesisBlock = Node.Membership.Topology.GenesisBlock;
using ImplicitRule = Node.Protocol.Wire.Common.ImplicitMetaPolicy.Types.Rule;

namespace Node.Simulation.Members;

/// <summary>The channel of all simulated worlds, with its members: made once, the same in every run.</summary>
internal sealed class SimulatedChannel
{
    public const int OrdererCount = 3;
    public const int PeersOfOrganization = 2;

    private const int NonceBytes = 24;

    private static readonly Lazy<SimulatedChannel> s_instance = new(() => new SimulatedChannel());

    private SimulatedChannel()
    {
        Organizations =
        [
            new SimulatedOrganization("Org1", "Org1MSP", "org1.example.com"),
            new SimulatedOrganization("Org2", "Org2MSP", "org2.example.com"),
        ];
        Ordering = new SimulatedOrganization("OrdererOrg", "OrdererMSP", "example.com");
        var config = new Config { ChannelGroup = ConfigTree.Sorted(Build()) };
        Genesis = GenesisBlock.Seal(Id, config, VirtualClock.Epoch, new byte[NonceBytes]).ToByteArray();
    }

    /// <summary>Immutable; shared by all worlds of the process.</summary>
    public static SimulatedChannel Instance => s_instance.Value;

    public ChannelId Id { get; } = ChannelId.Of("mychannel");

    /// <summary>The serialized block 0.</summary>
    public byte[] Genesis { get; }

    public IReadOnlyList<SimulatedOrganization> Organizations { get; }

    public SimulatedOrganization Ordering { get; }

    private ConfigGroup Build() => WithMetaPolicies(ConfigTree.Group())
        .With(ConfigKeys.HashingAlgorithm, new HashingAlgorithm { Name = ConfigKeys.Sha256 })
        .With(
            ConfigKeys.BlockDataHashingStructure,
            new BlockDataHashingStructure { Width = ConfigKeys.FlatHashWidth })
        .With(ConfigKeys.Capabilities, CapabilitiesOf("V3_0"))
        .With(ConfigKeys.Orderer, BuildOrdering())
        .With(ConfigKeys.Application, BuildApplication());

    private ConfigGroup BuildOrdering()
    {
        string msp = Ordering.MspId.Value;
        var endpoints = new OrdererAddresses();
        for (int index = 0; index < OrdererCount; index++)
            endpoints.Addresses.Add($"orderer{index}.{Ordering.Domain}:7050");

        ConfigGroup organization = ConfigTree.Group()
            .With("Readers", ConfigPolicies.Signature($"OR('{msp}.member')"))
            .With("Writers", ConfigPolicies.Signature($"OR('{msp}.member')"))
            .With("Admins", ConfigPolicies.Signature($"OR('{msp}.admin')"))
            .With(ConfigKeys.Endpoints, endpoints)
            .With(ConfigKeys.Msp, MspOf(Ordering));
        return WithMetaPolicies(ConfigTree.Group())
            .With("BlockValidation", ConfigPolicies.Implicit(ImplicitRule.Any, "Writers"))
            .With(ConfigKeys.Capabilities, CapabilitiesOf("V2_0"))
            .With(ConfigKeys.ConsensusType, new ConsensusType { Type = ConfigKeys.EtcdRaft })
            .With(ConfigKeys.BatchSize, new BatchSize
            {
                MaxMessageCount = 10,
                AbsoluteMaxBytes = 1 << 20,
                PreferredMaxBytes = 256 << 10,
            })
            .With(ConfigKeys.BatchTimeout, new BatchTimeout { Timeout = "2s" })
            .With(ConfigKeys.ChannelRestrictions, new ChannelRestrictions())
            .With(Ordering.Name, organization);
    }

    private ConfigGroup BuildApplication()
    {
        ConfigGroup application = WithMetaPolicies(ConfigTree.Group())
            .With("Endorsement", ConfigPolicies.Implicit(ImplicitRule.Majority, "Endorsement"))
            .With("LifecycleEndorsement", ConfigPolicies.Implicit(ImplicitRule.Majority, "Endorsement"))
            .With(ConfigKeys.Capabilities, CapabilitiesOf("V2_5"));
        foreach (SimulatedOrganization organization in Organizations)
        {
            string msp = organization.MspId.Value;
            application.With(organization.Name, ConfigTree.Group()
                .With("Readers", ConfigPolicies.Signature($"OR('{msp}.admin', '{msp}.peer', '{msp}.client')"))
                .With("Writers", ConfigPolicies.Signature($"OR('{msp}.admin', '{msp}.client')"))
                .With("Admins", ConfigPolicies.Signature($"OR('{msp}.admin')"))
                .With("Endorsement", ConfigPolicies.Signature($"OR('{msp}.peer')"))
                .With(ConfigKeys.Msp, MspOf(organization)));
        }

        return application;
    }

    private static ConfigGroup WithMetaPolicies(ConfigGroup group) => group
        .With("Readers", ConfigPolicies.Implicit(ImplicitRule.Any, "Readers"))
        .With("Writers", ConfigPolicies.Implicit(ImplicitRule.Any, "Writers"))
        .With("Admins", ConfigPolicies.Implicit(ImplicitRule.Majority, "Admins"));

    private static MSPConfig MspOf(SimulatedOrganization organization) =>
        new() { Type = 0, Config = organization.ToMsp().ToByteString() };

    private static Capabilities CapabilitiesOf(string name)
    {
        var capabilities = new Capabilities();
        capabilities.Capabilities_.Add(name, new Capability());
        return capabilities;
    }
}
