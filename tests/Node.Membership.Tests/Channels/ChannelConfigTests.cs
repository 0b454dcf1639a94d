using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using Node.Testing;
using PolicyMessage = Node.Protocol.Wire.Common.Policy;

namespace Node.Membership.Tests.Channels;

public sealed class ChannelConfigTests(SharedNetwork shared) : IClassFixture<SharedNetwork>
{
    private readonly TestNetwork _network = shared.Network;

    [Fact]
    public void The_genesis_configuration_shows_who_belongs_to_the_channel_and_how_blocks_are_cut()
    {
        ChannelConfig config = _network.Config;

        Assert.Equal("mychannel", config.Id.Value);
        Assert.Equal(0UL, config.Sequence);
        Assert.Equal(["Org1", "Org2"], config.ApplicationOrganizations.Select(org => org.Name));
        Assert.Equal(["Org1MSP", "Org2MSP"], config.ApplicationOrganizations.Select(org => org.MspId.Value));
        Assert.Equal(
            ["localhost:7051", "localhost:9051"],
            config.ApplicationOrganizations.SelectMany(org => org.AnchorPeers).Select(peer => peer.ToString()));
        Assert.All(config.ApplicationOrganizations, org => Assert.Single(org.TlsRootPems));
        Assert.Equal("localhost:7050", Assert.Single(config.Orderer.Endpoints).ToString());
        Assert.Equal("OrdererMSP", config.Orderer.Endpoints[0].MspId.Value);
        Assert.Equal(500U, config.Orderer.MaxMessageCount);
        Assert.Equal(10U << 20, config.Orderer.AbsoluteMaxBytes);
        Assert.Equal(2U << 20, config.Orderer.PreferredMaxBytes);
        Assert.Equal(TimeSpan.FromSeconds(2), config.Orderer.BatchTimeout);
        Assert.Equal(ConsensusType.Types.State.Normal, config.Orderer.State);
        Assert.Equal(MspRules.Fabric143, config.Capabilities.MspRules);
    }

    [Theory]
    [InlineData("/Channel/Readers", "org1.peer", true)]
    [InlineData("/Channel/Writers", "org1.user", true)]
    [InlineData("/Channel/Writers", "org1.peer", false)]
    [InlineData("/Channel/Writers", "orderer", true)]
    [InlineData("/Channel/Application/Writers", "orderer", false)]
    [InlineData("/Channel/Application/Writers", "org2.user", true)]
    [InlineData("/Channel/Application/Admins", "org1.admin", false)]                   // A majority of two is two.
    [InlineData("/Channel/Application/Admins", "org1.admin org2.admin", true)]
    [InlineData("/Channel/Application/Endorsement", "org1.peer", false)]
    [InlineData("/Channel/Application/Endorsement", "org1.peer org2.peer", true)]
    [InlineData("/Channel/Application/Endorsement", "org1.peer org2.user", false)]
    [InlineData("/Channel/Application/Org1/Endorsement", "org1.peer", true)]
    [InlineData("/Channel/Orderer/BlockValidation", "orderer", true)]
    [InlineData("/Channel/Orderer/BlockValidation", "org1.peer", false)]
    public void Default_policies_let_in_whom_Fabric_lets_in(string path, string signers, bool allowed)
    {
        Identity[] identities = [.. signers.Split(' ').Select(name => Resolve(Signer(name)))];

        Assert.Equal(allowed, _network.Config.FindPolicy(path)?.IsSatisfiedBy(identities));
    }

    [Fact]
    public void A_policy_that_does_not_exist_is_nobodys()
    {
        Assert.Null(_network.Config.FindPolicy("/Channel/Application/Nonsense"));
        Assert.Null(_network.Config.FindPolicy("Writers"));
        Assert.Null(_network.Config.FindPolicy(_network.Config.AclPolicyPath("no/SuchResource")));
    }

    [Fact]
    public void An_implicit_refusal_names_the_groups_that_are_missing()
    {
        string? explanation = _network.Config.FindPolicy("/Channel/Application/Endorsement")
            ?.Explain([Resolve(_network.Org1.Node)]);

        Assert.Contains("missing: Endorsement of 1 more of Org2", explanation, StringComparison.Ordinal);
        Assert.Contains("peer0.org1.example.com of Org1MSP (peer)", explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peer/Propose", "/Channel/Application/Writers")]
    [InlineData("event/Block", "/Channel/Application/Readers")]
    [InlineData("gateway/CommitStatus", "/Channel/Application/Readers")]
    [InlineData("_lifecycle/CommitChaincodeDefinition", "/Channel/Application/Writers")]
    [InlineData("qscc/GetChainInfo", "/Channel/Application/Admins")]                   // Absolute, by the ACLs value.
    [InlineData("cscc/GetConfigBlock", "/Channel/Application/Org1/Readers")]           // Relative, by the ACLs value.
    public void Resources_are_guarded_by_the_configuration_else_by_the_defaults(string resource, string path)
    {
        ChannelConfig config = Create(Change(channel => channel.Groups["Application"].Values["ACLs"] = new ConfigValue
        {
            ModPolicy = "Admins",
            Value = new ACLs
            {
                Acls =
                {
                    ["qscc/GetChainInfo"] = new APIResource { PolicyRef = "/Channel/Application/Admins" },
                    ["cscc/GetConfigBlock"] = new APIResource { PolicyRef = "Org1/Readers" },
                },
            }.ToByteString(),
        }));

        Assert.Equal(path, config.AclPolicyPath(resource));
        Assert.NotNull(config.FindPolicy(path));
    }

    [Fact]
    public void Resolving_the_same_bytes_gives_the_same_identity()
    {
        byte[] bytes = _network.Org1.User1.Serialized.ToArray();

        Assert.Same(Resolve(_network.Config, bytes), Resolve(_network.Config, [.. bytes]));
        Assert.Equal(bytes, Resolve(_network.Config, bytes).Serialized.ToArray());
    }

    [Fact]
    public void A_hit_of_the_identity_cache_allocates_nothing()
    {
        ReadOnlySpan<byte> bytes = _network.Org1.User1.Serialized.Span;
        Resolve(_network.Config, bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            _network.Config.TryResolve(bytes, out _, out _);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_identity_cache_outlives_an_update_that_leaves_the_organisations_alone_and_no_other()
    {
        byte[] bytes = _network.Org1.User1.Serialized.ToArray();
        Identity before = Resolve(_network.Config, bytes);
        Config batch = Change(channel => channel.Groups["Orderer"].Values["BatchTimeout"].Value =
            new BatchTimeout { Timeout = "250ms" }.ToByteString());
        Config organizations = Change(channel => channel.Groups["Application"].Groups.Remove("Org2"));

        Assert.Same(before, Resolve(Create(batch, _network.Config), bytes));
        Assert.NotSame(before, Resolve(Create(organizations, _network.Config), bytes));
        Assert.NotSame(before, Resolve(Create(batch), bytes));
    }

    [Theory]
    [InlineData("", "an MSP id is not empty")]
    [InlineData("0a07", "no serialized identity")]
    [InlineData("0a054f7468657212 0141", "The MSP Other is not part of this channel")]
    [InlineData("0a074f7267314d5350120141", "no PEM block")]
    public void Identities_that_nobody_vouches_for_are_refused(string hex, string reason)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.False(_network.Config.TryResolve(bytes, out Identity? identity, out string? fault));
        Assert.Null(identity);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_one_organisation_is_no_member_of_another()
    {
        SerializedIdentity identity = SerializedIdentity.Parser.ParseFrom(_network.Org1.User1.Serialized.Span);
        identity.Mspid = "Org2MSP";

        Assert.False(_network.Config.TryResolve(identity.ToByteArray(), out _, out string? fault));
        Assert.Contains("no member of Org2MSP", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_oversized_identity_is_refused()
    {
        byte[] bytes = new byte[Limits.IdentityBytesMax + 1];

        Assert.False(_network.Config.TryResolve(bytes, out _, out string? fault));
        Assert.Contains("at most 32768 bytes", fault, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadConfigs() => new()
    {
        { "unknown group", "it has the group /Channel/Nonsense, which is not known" },
        { "unknown value", "it has the value /Channel/Orderer/Nonsense, which is not known" },
        { "unknown organisation value", "it has the value /Channel/Application/Org1/Nonsense" },
        { "unknown capability", "Application requires the capability V9_9, which this program does not have" },
        { "hash", "its hashing algorithm is 'SHA3_256'" },
        { "no hash", "its hashing algorithm is ''" },
        { "width", "the width of its block data hash is 4" },
        { "consensus", "its consensus type is 'solo'" },
        { "no messages", "BatchSize.max_message_count is 0" },
        { "preferred above absolute", "BatchSize.preferred_max_bytes is" },
        { "timeout", "BatchTimeout is 'soon'" },
        { "zero timeout", "BatchTimeout is '0s'" },
        { "no addresses", "it names no orderer address" },
        { "bad address", "holds 'nowhere', which is not host:port" },
        { "bad anchor", "holds an address without host or a valid port" },
        { "no MSP", "/Channel/Application/Org1 has no MSP" },
        { "idemix", "is of type 1, only X.509 (0) is supported" },
        { "malformed MSP", "/Channel/Application/Org1/MSP is malformed" },
        { "two versions of one MSP", "defines the MSP Org1MSP differently from another group" },
        { "malformed value", "the value /Channel/Orderer/BatchSize is malformed" },
        { "malformed policy", "the policy /Channel/Application/Writers is malformed" },
        { "empty policy", "the policy /Channel/Application/Writers is empty" },
        { "policy of unknown type", "the policy /Channel/Application/Writers is of the unknown type 2" },
        { "policy with unknown rule", "the policy /Channel/Application/Writers has the unknown rule 7" },
        { "policy that asks for too much", "asks for principal 3" },
        { "bad key", "a key in /Channel/Application is not a name" },
        { "no orderer", "it has no group Orderer" },
        { "no group", "it has no channel group" },
        { "V3_0 with channel-wide addresses", "which capability V3_0 forbids" },
        { "V3_0 without endpoints", "which capability V3_0 requires" },
        { "ACL without policy", "holds a resource without policy" },
    };

    [Theory]
    [MemberData(nameof(BadConfigs))]
    public void A_configuration_with_one_fault_is_refused_by_name(string what, string reason)
    {
        Config config = what == "no group" ? new Config() : Change(channel => Spoil(channel, what));

        bool created = ChannelConfig.TryCreate(_network.ChannelId, config, out ChannelConfig? bad, out string? fault);

        Assert.False(created);
        Assert.Null(bad);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.StartsWith("The configuration of mychannel is not acceptable: ", fault, StringComparison.Ordinal);
    }

    private static void Spoil(ConfigGroup channel, string what)
    {
        ConfigGroup application = channel.Groups["Application"];
        ConfigGroup orderer = channel.Groups["Orderer"];
        ConfigGroup ordererOrg = orderer.Groups["Orderer"];
        ConfigGroup org1 = application.Groups["Org1"];
        var solo = new ConsensusType { Type = "solo" };
        var global = new OrdererAddresses { Addresses = { "localhost:7050" } };
        switch (what)
        {
            case "unknown group": channel.Groups.Add("Nonsense", new ConfigGroup()); break;
            case "unknown value": Set(orderer, "Nonsense", solo); break;
            case "unknown organisation value": Set(org1, "Nonsense", solo); break;
            case "unknown capability": Set(application, "Capabilities", Capability("V9_9")); break;
            case "hash": Set(channel, "HashingAlgorithm", new HashingAlgorithm { Name = "SHA3_256" }); break;
            case "no hash": channel.Values.Remove("HashingAlgorithm"); break;
            case "width": Set(channel, "BlockDataHashingStructure", new BlockDataHashingStructure { Width = 4 }); break;
            case "consensus": Set(orderer, "ConsensusType", solo); break;
            case "no messages": Set(orderer, "BatchSize", Size(0, 9, 9)); break;
            case "preferred above absolute": Set(orderer, "BatchSize", Size(1, 10, 9)); break;
            case "timeout": Set(orderer, "BatchTimeout", new BatchTimeout { Timeout = "soon" }); break;
            case "zero timeout": Set(orderer, "BatchTimeout", new BatchTimeout { Timeout = "0s" }); break;
            case "no addresses": ordererOrg.Values.Remove("Endpoints"); break;
            case "bad address": Set(ordererOrg, "Endpoints", new OrdererAddresses { Addresses = { "nowhere" } }); break;
            case "bad anchor":
                Set(org1, "AnchorPeers", new AnchorPeers { AnchorPeers_ = { new AnchorPeer { Host = "h" } } });
                break;
            case "no MSP": org1.Values.Remove("MSP"); break;
            case "idemix": Set(org1, "MSP", new MSPConfig { Type = 1 }); break;
            case "malformed MSP": Set(org1, "MSP", new MSPConfig { Config = ByteString.CopyFrom(0xff) }); break;
            case "two versions of one MSP": application.Groups.Add("Twin", Twin(org1)); break;
            case "malformed value": orderer.Values["BatchSize"].Value = ByteString.CopyFrom(0xff); break;
            case "malformed policy": SetPolicy(application, 3, ByteString.CopyFrom(0xff)); break;
            case "empty policy": application.Policies["Writers"].Policy = null; break;
            case "policy of unknown type": SetPolicy(application, 2, ByteString.Empty); break;
            case "policy with unknown rule": SetPolicy(application, 3, ByteString.CopyFrom(0x10, 7)); break;
            case "policy that asks for too much": SetPolicy(application, 1, ByteString.CopyFrom(0x12, 2, 8, 3)); break;
            case "bad key": application.Policies.Add("a/b", application.Policies["Writers"].Clone()); break;
            case "no orderer": channel.Groups.Remove("Orderer"); break;
            case "V3_0 with channel-wide addresses":
                Set(channel, "Capabilities", Capability("V3_0"));
                Set(channel, "OrdererAddresses", global);
                break;
            case "V3_0 without endpoints":
                Set(channel, "Capabilities", Capability("V3_0"));
                ordererOrg.Values.Remove("Endpoints");
                break;
            case "ACL without policy":
                Set(application, "ACLs", new ACLs { Acls = { ["peer/Propose"] = new APIResource() } });
                break;
            default: throw new ArgumentException(what);
        }
    }

    [Fact]
    public void Channel_wide_addresses_serve_where_organisations_name_none()
    {
        ChannelConfig config = Create(Change(channel =>
        {
            channel.Groups["Orderer"].Groups["Orderer"].Values.Remove("Endpoints");
            Set(channel, "OrdererAddresses", new OrdererAddresses { Addresses = { "orderer.example.com:7050" } });
        }));

        OrdererEndpoint endpoint = Assert.Single(config.Orderer.Endpoints);
        Assert.Equal("orderer.example.com:7050", endpoint.ToString());
        Assert.Single(endpoint.TlsRootPems);
    }

    [Fact]
    public void A_block_that_is_no_configuration_block_is_refused()
    {
        Assert.False(ChannelConfig.TryFromConfigBlock(new Block(), out _, out _));
        Assert.False(ChannelConfig.TryFromConfigBlock("garbage"u8, out _, out string? fault));
        Assert.Equal("The bytes are no block.", fault);
        Assert.True(ChannelConfig.TryFromConfigBlock(_network.GenesisBytes, out ChannelConfig? config, out _));
        Assert.Equal(_network.Config.Config, config.Config);
    }

    [Fact]
    public void Signature_sets_skip_strangers_and_bad_signatures_and_count_nobody_twice()
    {
        byte[] message = [1, 2, 3];
        SigningIdentity user = _network.Org1.User1;
        SigningIdentity admin = _network.Org2.Admin;
        SignedBytes[] set =
        [
            new(message, "stranger"u8.ToArray(), user.Sign(message)),
            new(message, user.Serialized, user.Sign([9])),           // Bad, so the next one counts.
            new(message, user.Serialized, user.Sign(message)),
            new(message, admin.Serialized, admin.Sign(message)),
            new(message, user.Serialized, user.Sign(message)),       // A repetition.
            new(message, admin.Serialized, default),
        ];
        var signers = new Identity?[set.Length];

        int count = SignatureSets.Verify(_network.Config, set, signers);

        Assert.Equal(2, count);
        Assert.Equal(
            ["User1@org1.example.com", "Admin@org2.example.com", null], signers.Take(3).Select(s => s?.CommonName));
    }

    private SigningIdentity Signer(string name) => name switch
    {
        "org1.user" => _network.Org1.User1,
        "org1.admin" => _network.Org1.Admin,
        "org1.peer" => _network.Org1.Node,
        "org2.user" => _network.Org2.User1,
        "org2.admin" => _network.Org2.Admin,
        "org2.peer" => _network.Org2.Node,
        "orderer" => _network.Orderer.Node,
        _ => throw new ArgumentException(name),
    };

    private Config Change(Action<ConfigGroup> change)
    {
        Config config = _network.Config.Config.Clone();
        change(config.ChannelGroup);
        return config;
    }

    private ChannelConfig Create(Config config) => Create(config, null);

    private ChannelConfig Create(Config config, ChannelConfig? previous)
    {
        bool created = ChannelConfig.TryCreate(
            _network.ChannelId, config, previous, out ChannelConfig? channel, out string? fault);
        Assert.True(created, fault);
        Assert.NotNull(channel);
        return channel;
    }

    private Identity Resolve(SigningIdentity signer) => Resolve(_network.Config, signer.Serialized.Span);

    private static Identity Resolve(ChannelConfig config, ReadOnlySpan<byte> bytes)
    {
        Assert.True(config.TryResolve(bytes, out Identity? identity, out string? fault), fault);
        return identity;
    }

    private static void Set(ConfigGroup group, string key, IMessage value) =>
        group.Values[key] = new ConfigValue { Value = value.ToByteString(), ModPolicy = "Admins" };

    private static void SetPolicy(ConfigGroup group, int type, ByteString value) =>
        group.Policies["Writers"].Policy = new PolicyMessage { Type = type, Value = value };

    private static Capabilities Capability(string name) =>
        new() { Capabilities_ = { [name] = new Capability() } };

    private static BatchSize Size(uint count, uint preferred, uint absolute) =>
        new() { MaxMessageCount = count, PreferredMaxBytes = preferred, AbsoluteMaxBytes = absolute };

    private static ConfigGroup Twin(ConfigGroup organization)
    {
        ConfigGroup twin = organization.Clone();
        MSPConfig outer = MSPConfig.Parser.ParseFrom(twin.Values["MSP"].Value);
        FabricMSPConfig config = FabricMSPConfig.Parser.ParseFrom(outer.Config);
        config.TlsRootCerts.Clear();
        outer.Config = config.ToByteString();
        Set(twin, "MSP", outer);
        return twin;
    }
}
