using Google.Protobuf;
using Node.Membership.Channels;
using Node.Membership.Material;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.EtcdRaft;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using ConsenterMessage = Node.Protocol.Wire.EtcdRaft.Consenter;
using ImplicitRule = Node.Protocol.Wire.Common.ImplicitMetaPolicy.Types.Rule;

namespace Node.Membership.Topology;

/// <summary>
/// Writes the configuration that a channel starts with: Fabric's tree, with Fabric's default policies.
/// </summary>
/// <remarks>Used once. A fault is a folder or file of the material that is missing or malformed.</remarks>
internal sealed class GenesisConfig(NetworkTopology network, ChannelTopology channel, MaterialLayout material)
{
    private string? _fault;

    public string? Fault => _fault;

    public ConfigGroup Build()
    {
        ConfigGroup root = WithMetaPolicies(ConfigTree.Group())
            .With(ConfigKeys.HashingAlgorithm, new HashingAlgorithm { Name = ConfigKeys.Sha256 })
            .With(
                ConfigKeys.BlockDataHashingStructure,
                new BlockDataHashingStructure { Width = ConfigKeys.FlatHashWidth })
            .With(ConfigKeys.Capabilities, CapabilitiesOf(network.KeyType == KeyType.Ed25519 ? "V3_0" : "V2_0"))
            .With(ConfigKeys.Orderer, BuildOrderer())
            .With(ConfigKeys.Application, BuildApplication());
        return ConfigTree.Sorted(root);
    }

    private ConfigGroup BuildOrderer()
    {
        ConfigGroup orderer = WithMetaPolicies(ConfigTree.Group())
            .With("BlockValidation", ConfigPolicies.Implicit(ImplicitRule.Any, "Writers"))
            .With(ConfigKeys.Capabilities, CapabilitiesOf("V2_0"))
            .With(
                ConfigKeys.ConsensusType,
                new ConsensusType { Type = ConfigKeys.EtcdRaft, Metadata = BuildConsenters() })
            .With(ConfigKeys.BatchSize, new BatchSize
            {
                MaxMessageCount = (uint)channel.Batch.MaxMessageCount,
                AbsoluteMaxBytes = (uint)channel.Batch.AbsoluteMaxBytes,
                PreferredMaxBytes = (uint)channel.Batch.PreferredMaxBytes,
            })
            .With(ConfigKeys.BatchTimeout, new BatchTimeout { Timeout = GoDuration.Format(channel.Batch.Timeout) })
            .With(ConfigKeys.ChannelRestrictions, new ChannelRestrictions());
        foreach (OrganizationTopology organization in network.OrdererOrganizations)
            orderer.With(organization.Name, BuildOrdererOrganization(organization));

        return orderer;
    }

    private ConfigGroup BuildOrdererOrganization(OrganizationTopology organization)
    {
        string msp = organization.MspId.Value;
        var endpoints = new OrdererAddresses();
        endpoints.Addresses.Add(organization.Nodes.Select(node =>
            new Endpoint(network.HostOf(node), node.Port).ToString()));
        return ConfigTree.Group()
            .With("Readers", ConfigPolicies.Signature($"OR('{msp}.member')"))
            .With("Writers", ConfigPolicies.Signature($"OR('{msp}.member')"))
            .With("Admins", ConfigPolicies.Signature($"OR('{msp}.admin')"))
            .With(ConfigKeys.Endpoints, endpoints)
            .With(ConfigKeys.Msp, ReadMsp(organization, material.OrdererOrganization(organization.Domain)));
    }

    private ByteString BuildConsenters()
    {
        var metadata = new ConfigMetadata
        {
            Options = new Options
            {
                TickInterval = "500ms",
                ElectionTick = 10,
                HeartbeatTick = 1,
                MaxInflightBlocks = 5,
                SnapshotIntervalSize = 16 << 20,
            },
        };
        foreach (OrganizationTopology organization in network.OrdererOrganizations)
        {
            foreach (NodeTopology node in organization.Nodes)
            {
                MemberLayout member = material.OrdererOrganization(organization.Domain).Node(node.Name);
                ByteString certificate = ReadFile(member.TlsCertificateFile);
                metadata.Consenters.Add(new ConsenterMessage
                {
                    Host = network.HostOf(node),
                    Port = (uint)node.Port,
                    ClientTlsCert = certificate,
                    ServerTlsCert = certificate,
                });
            }
        }

        return metadata.ToByteString();
    }

    private ConfigGroup BuildApplication()
    {
        ConfigGroup application = WithMetaPolicies(ConfigTree.Group())
            .With("Endorsement", ConfigPolicies.Implicit(ImplicitRule.Majority, "Endorsement"))
            .With("LifecycleEndorsement", ConfigPolicies.Implicit(ImplicitRule.Majority, "Endorsement"))
            .With(ConfigKeys.Capabilities, CapabilitiesOf("V2_5"));
        foreach ((string name, string text) in channel.Policies)
        {
            if (ConfigPolicies.TryParse(text, out Node.Protocol.Wire.Common.Policy? policy, out string? fault))
            {
                application.Policies.Remove(name);
                application.With(name, policy);
            }
            else
            {
                _fault ??= $"The policy {name} of channel {channel.Id}: {fault}.";
            }
        }

        foreach (MspId mspId in channel.Organizations)
        {
            if (network.TryFindOrganization(mspId, out OrganizationTopology? organization))
                application.With(organization.Name, BuildApplicationOrganization(organization));
            else
                _fault ??= $"The channel {channel.Id} names the organisation {mspId}, which the network does not have.";
        }

        return application;
    }

    private ConfigGroup BuildApplicationOrganization(OrganizationTopology organization)
    {
        string msp = organization.MspId.Value;
        var anchors = new AnchorPeers();
        anchors.AnchorPeers_.Add(
            organization.Nodes.Select(node =>
                new AnchorPeer { Host = network.HostOf(node), Port = node.Port }));
        return ConfigTree.Group()
            .With("Readers", ConfigPolicies.Signature($"OR('{msp}.admin', '{msp}.peer', '{msp}.client')"))
            .With("Writers", ConfigPolicies.Signature($"OR('{msp}.admin', '{msp}.client')"))
            .With("Admins", ConfigPolicies.Signature($"OR('{msp}.admin')"))
            .With("Endorsement", ConfigPolicies.Signature($"OR('{msp}.peer')"))
            .With(ConfigKeys.AnchorPeers, anchors)
            .With(ConfigKeys.Msp, ReadMsp(organization, material.PeerOrganization(organization.Domain)));
    }

    private static ConfigGroup WithMetaPolicies(ConfigGroup group) => group
        .With("Readers", ConfigPolicies.Implicit(ImplicitRule.Any, "Readers"))
        .With("Writers", ConfigPolicies.Implicit(ImplicitRule.Any, "Writers"))
        .With("Admins", ConfigPolicies.Implicit(ImplicitRule.Majority, "Admins"));

    private static Node.Protocol.Wire.Common.Capabilities CapabilitiesOf(string name)
    {
        var capabilities = new Node.Protocol.Wire.Common.Capabilities();
        capabilities.Capabilities_.Add(name, new Capability());
        return capabilities;
    }

    private MSPConfig ReadMsp(OrganizationTopology organization, OrganizationLayout layout)
    {
        if (MspFolder.TryRead(organization.MspId, layout.Msp, out FabricMSPConfig? config, out string? fault))
            return new MSPConfig { Type = 0, Config = config.ToByteString() };

        _fault ??= fault;
        return new MSPConfig();
    }

    private ByteString ReadFile(string path)
    {
        try
        {
            return ByteString.CopyFrom(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _fault ??= $"The certificate {path} cannot be read: {e.Message}";
            return ByteString.Empty;
        }
    }
}
