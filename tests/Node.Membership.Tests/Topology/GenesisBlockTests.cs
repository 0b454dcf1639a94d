using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.EtcdRaft;
using Node.Protocol.Wire.Ordering;
using Node.Testing;

namespace Node.Membership.Tests.Topology;

public sealed class GenesisBlockTests(SharedNetwork shared) : IClassFixture<SharedNetwork>
{
    private readonly TestNetwork _network = shared.Network;

    [Fact]
    public void Block_0_is_unsigned_and_commits_to_its_transaction_and_to_the_empty_chain()
    {
        Block block = _network.Genesis;
        Metadata slot = Metadata.Parser.ParseFrom(block.Metadata.Metadata[(int)BlockMetadataIndex.Signatures]);
        OrdererBlockMetadata metadata = OrdererBlockMetadata.Parser.ParseFrom(slot.Value);

        Assert.Equal(0UL, block.Header.Number);
        Assert.True(block.Header.PreviousHash.IsEmpty);
        Assert.Equal(BlockDataHash.Of(block.Data.Data).ToArray(), block.Header.DataHash.ToByteArray());
        Assert.Equal(5, block.Metadata.Metadata.Count);
        Assert.Empty(slot.Signatures);
        Assert.NotNull(metadata.LastConfig);
        Assert.Equal(0UL, metadata.LastConfig.Index);
        bool decoded = BlockCommitments.TryDecode(
            metadata.ConsenterMetadata.Memory, out BlockRoots roots, out string? fault);
        Assert.True(decoded, fault);
        Assert.Equal(MerkleHash.Empty, roots.Chain);
        Assert.Equal(MerkleRoot.Of(block.Data.Data), roots.Transactions);
    }

    [Fact]
    public void Its_envelope_has_the_form_that_every_client_expects()
    {
        Envelope envelope = Envelope.Parser.ParseFrom(Assert.Single(_network.Genesis.Data.Data));
        Payload payload = Payload.Parser.ParseFrom(envelope.Payload);
        ChannelHeader channel = ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader);
        SignatureHeader signature = SignatureHeader.Parser.ParseFrom(payload.Header.SignatureHeader);

        Assert.True(envelope.Signature.IsEmpty);
        Assert.Equal((int)HeaderType.Config, channel.Type);
        Assert.Equal("mychannel", channel.ChannelId);
        Assert.Equal(24, signature.Nonce.Length);
        Assert.True(signature.Creator.IsEmpty);
        Assert.Equal(Hash32.Of(signature.Nonce.Span).ToString(), channel.TxId);
    }

    [Fact]
    public void Maps_are_in_ordinal_order_and_every_element_names_who_may_change_it()
    {
        Check(_network.Config.Config.ChannelGroup);

        static void Check(ConfigGroup group)
        {
            Assert.Equal("Admins", group.ModPolicy);
            Assert.Equal(group.Groups.Keys.Order(StringComparer.Ordinal), group.Groups.Keys);
            Assert.Equal(group.Values.Keys.Order(StringComparer.Ordinal), group.Values.Keys);
            Assert.Equal(group.Policies.Keys.Order(StringComparer.Ordinal), group.Policies.Keys);
            Assert.All(group.Values.Values, value => Assert.Equal("Admins", value.ModPolicy));
            Assert.All(group.Policies.Values, policy => Assert.Equal("Admins", policy.ModPolicy));
            foreach (ConfigGroup child in group.Groups.Values)
                Check(child);
        }
    }

    [Fact]
    public void Three_orderers_are_three_consenters_and_three_addresses()
    {
        using var network = TestNetwork.Create(NetworkTopology.Default(orderers: 3, basePort: 7050, KeyType.Ed25519));
        ConfigValue value = network.Config.Config.ChannelGroup.Groups["Orderer"].Values["ConsensusType"];
        ConfigMetadata metadata = ConfigMetadata.Parser.ParseFrom(ConsensusType.Parser.ParseFrom(value.Value).Metadata);

        Assert.Equal([7050U, 7060U, 7070U], metadata.Consenters.Select(consenter => consenter.Port));
        Assert.All(metadata.Consenters, consenter => Assert.StartsWith(
            "-----BEGIN CERTIFICATE-----", consenter.ServerTlsCert.ToStringUtf8(), StringComparison.Ordinal));
        Assert.Equal([7050, 7060, 7070], network.Config.Orderer.Endpoints.Select(endpoint => endpoint.Port));
        Assert.True(network.Config.Capabilities.IsChannelV3);
    }

    [Fact]
    public void Every_node_has_its_own_host_in_the_channel()
    {
        NetworkTopology standard = NetworkTopology.Default(orderers: 3, basePort: 7050, KeyType.P256);
        using var network = TestNetwork.Create(standard with
        {
            OrdererOrganizations = [.. standard.OrdererOrganizations.Select(PlaceOnHosts)],
            Organizations = [.. standard.Organizations.Select(PlaceOnHosts)],
        });
        ConfigValue value = network.Config.Config.ChannelGroup.Groups["Orderer"].Values["ConsensusType"];
        ConfigMetadata metadata = ConfigMetadata.Parser.ParseFrom(ConsensusType.Parser.ParseFrom(value.Value).Metadata);
        string[] orderers = ["orderer.example.com.lan", "orderer2.example.com.lan", "orderer3.example.com.lan"];

        Assert.Equal(orderers, metadata.Consenters.Select(consenter => consenter.Host));
        Assert.Equal(orderers, network.Config.Orderer.Endpoints.Select(endpoint => endpoint.Host));
        Assert.Equal(
            ["peer0.org1.example.com.lan", "peer0.org2.example.com.lan"],
            network.Config.ApplicationOrganizations.SelectMany(org => org.AnchorPeers, (_, peer) => peer.Host));
    }

    [Fact]
    public void Policies_and_limits_of_the_network_file_reach_the_block()
    {
        NetworkTopology standard = NetworkTopology.Default(orderers: 1, basePort: 7050, KeyType.P256);
        NetworkTopology changed = standard with
        {
            Channels =
            [
                standard.Channels[0] with
                {
                    Policies = new Dictionary<string, string> { ["Endorsement"] = "ANY Endorsement" },
                    Batch = new BatchTopology
                    {
                        MaxMessageCount = 7,
                        PreferredMaxBytes = 1000,
                        AbsoluteMaxBytes = 2000,
                        Timeout = TimeSpan.FromMilliseconds(300),
                    },
                },
            ],
        };
        using var network = TestNetwork.Create(changed);

        Assert.Contains(
            "Endorsement of 1 of 2",
            network.Config.FindPolicy("/Channel/Application/Endorsement")?.Describe(),
            StringComparison.Ordinal);
        Assert.Equal(7U, network.Config.Orderer.MaxMessageCount);
        Assert.Equal(1000U, network.Config.Orderer.PreferredMaxBytes);
        Assert.Equal(2000U, network.Config.Orderer.AbsoluteMaxBytes);
        Assert.Equal(TimeSpan.FromMilliseconds(300), network.Config.Orderer.BatchTimeout);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.False(GenesisBlock.TryBuild(
            _network.Topology,
            ChannelId.Of("other"),
            _network.MaterialFolder,
            TimeProvider.System,
            out _,
            out string? fault));
        Assert.Equal("The network has no channel other.", fault);

        Assert.False(GenesisBlock.TryBuild(
            _network.Topology, _network.ChannelId, "/nowhere", TimeProvider.System, out _, out fault));
        Assert.Contains("/nowhere/ordererOrganizations/example.com", fault, StringComparison.Ordinal);
    }

    private static OrganizationTopology PlaceOnHosts(OrganizationTopology organization) => organization with
    {
        Nodes = [.. organization.Nodes.Select(node => node with { Host = $"{node.Name}.lan", Listen = "0.0.0.0" })],
    };
}
