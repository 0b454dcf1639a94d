using Google.Protobuf;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing;

namespace Node.Membership.Tests.Channels;

public sealed class ConfigUpdateTests(SharedNetwork shared) : IClassFixture<SharedNetwork>
{
    private readonly TestNetwork _network = shared.Network;

    [Fact]
    public void A_value_is_replaced_when_those_sign_who_may()
    {
        ConfigUpdate update = Timeout("250ms", version: 1);

        Assert.True(TryApply(update, out ChannelConfig? next, out string? fault, _network.Orderer.Admin), fault);
        Assert.Equal(TimeSpan.FromMilliseconds(250), next.Orderer.BatchTimeout);
        Assert.Equal(1UL, next.Sequence);
        Assert.Equal(1UL, next.Config.ChannelGroup.Groups["Orderer"].Values["BatchTimeout"].Version);

        // Nothing else has changed.
        Config rest = next.Config.Clone();
        rest.Sequence = 0;
        rest.ChannelGroup.Groups["Orderer"].Values["BatchTimeout"] =
            _network.Config.Config.ChannelGroup.Groups["Orderer"].Values["BatchTimeout"];
        Assert.Equal(_network.Config.Config, rest);
    }

    [Fact]
    public void A_group_gains_and_loses_members_by_a_new_version_of_it()
    {
        ConfigUpdate remove = Whole(application =>
        {
            application.Version++;
            application.Groups.Remove("Org2");
        });

        bool removed = TryApply(remove, out ChannelConfig? smaller, out string? fault, BothAdministrators());

        Assert.True(removed, fault);
        Assert.NotNull(smaller);
        Assert.Equal(["Org1"], smaller.ApplicationOrganizations.Select(org => org.Name));
        Assert.False(smaller.TryResolve(_network.Org2.User1.Serialized.Span, out _, out _));
        Assert.True(smaller.TryResolve(_network.Org1.User1.Serialized.Span, out _, out _));
    }

    [Fact]
    public void A_new_element_starts_at_version_0_below_a_new_version_of_its_group()
    {
        ConfigUpdate add = Whole(application =>
        {
            application.Version++;
            application.Policies.Add("Extra", application.Policies["Writers"].Clone());
        });

        bool added = TryApply(add, out ChannelConfig? next, out string? fault, BothAdministrators());

        Assert.True(added, fault);
        Assert.NotNull(next?.FindPolicy("/Channel/Application/Extra"));
        Assert.Null(_network.Config.FindPolicy("/Channel/Application/Extra"));
    }

    public static TheoryData<string, string> Refusals() => new()
    {
        { "other channel", "it is for the channel 'other', this is mychannel" },
        { "read at another version", "was read at version 5, it is at 0" },
        { "read what is not there", "value /Channel/Nonsense was read, but does not exist" },
        { "nothing", "it changes nothing" },
        { "no write set", "it changes nothing" },
        { "version skipped", "is at version 0, not just below 2" },
        { "version kept", "is at version 0, not just below 0" },
        { "new at version 1", "is new, so its version must be 0, not 1" },
        { "no mod_policy", "value /Channel/Orderer/BatchTimeout has no mod_policy" },
        { "bad mod_policy", "has a mod_policy whose part ''" },
        { "group not raised", "policy /Channel/Application/Extra is written, but the group" },
        { "unsigned", "may be changed by /Channel/Orderer/Admins, which needs Admins of 1 of 1 (Orderer: an admin" },
        { "signed by another", "missing: Admins of 1 more of Orderer; signed by Admin@org1.example.com of Org1MSP" },
        { "signed by a user", "signed by User1@example.com of OrdererMSP (client)" },
        { "signature over something else", "signed by nobody" },
        { "result is not valid", "BatchTimeout is 'soon'" },
        { "unknown capability", "requires the capability V9_9" },
        { "one of two administrators", "missing: Admins of 1 more of Org2" },
        { "application removed", "the group Application cannot be removed" },
        { "mod_policy missing", "may be changed by /Channel/Orderer/Gone, which does not exist" },
        { "bad key", "is not a name of letters" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_and_says_why(string what, string reason)
    {
        (ConfigUpdate update, SigningIdentity[] signers) = Build(what);
        ConfigUpdateEnvelope envelope = Sign(update, signers);
        if (what == "signature over something else")
            envelope.Signatures[0].Signature = ByteString.CopyFrom(_network.Orderer.Admin.Sign([1]));

        ChannelConfig current = what == "mod_policy missing" ? WithoutModPolicy() : _network.Config;
        bool applied = ConfigUpdates.TryApply(current, envelope, out ChannelConfig? next, out string? fault);

        Assert.False(applied);
        Assert.Null(next);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    private (ConfigUpdate Update, SigningIdentity[] Signers) Build(string what)
    {
        SigningIdentity[] orderer = [_network.Orderer.Admin];
        SigningIdentity[] both = BothAdministrators();
        ConfigUpdate update = Timeout("250ms", version: 1);
        ConfigValue timeout = update.WriteSet.Groups["Orderer"].Values["BatchTimeout"];
        switch (what)
        {
            case "other channel": update.ChannelId = "other"; return (update, orderer);
            case "read at another version": update.ReadSet.Groups["Orderer"].Version = 5; return (update, orderer);
            case "read what is not there": update.ReadSet.Values["Nonsense"] = new(); return (update, orderer);
            case "nothing": update.WriteSet = update.ReadSet.Clone(); return (update, orderer);
            case "no write set": update.WriteSet = null; return (update, orderer);
            case "version skipped": timeout.Version = 2; return (update, orderer);
            case "version kept": timeout.Version = 0; return (update, orderer);
            case "no mod_policy": timeout.ModPolicy = ""; return (update, orderer);
            case "bad mod_policy": timeout.ModPolicy = "/Channel//Admins"; return (update, orderer);
            case "unsigned": return (update, []);
            case "signed by another": return (update, [_network.Org1.Admin]);
            case "signed by a user": return (update, [_network.Orderer.User1]);
            case "signature over something else": return (update, orderer);
            case "result is not valid": return (Timeout("soon", version: 1), orderer);
            case "mod_policy missing": return (update, orderer);
            case "bad key": update.WriteSet.Values["a/b"] = new ConfigValue(); return (update, orderer);
            case "new at version 1": return (AddPolicy(groupVersion: 1, version: 1), both);
            case "group not raised": return (AddPolicy(groupVersion: 0, version: 0), both);
            case "one of two administrators": return (AddPolicy(groupVersion: 1, version: 0), [_network.Org1.Admin]);
            case "unknown capability": return (Whole(Raise), both);
            case "application removed": return (RemoveApplication(), [.. both, .. orderer]);
            default: throw new ArgumentException(what);
        }

        static void Raise(ConfigGroup application)
        {
            ConfigValue capabilities = application.Values["Capabilities"];
            capabilities.Version = 1;
            capabilities.Value = new Capabilities { Capabilities_ = { ["V9_9"] = new Capability() } }.ToByteString();
        }
    }

    [Fact]
    public void A_config_transaction_must_be_what_its_update_makes()
    {
        ConfigUpdateEnvelope update = Sign(Timeout("250ms", version: 1), _network.Orderer.Admin);
        Assert.True(ConfigUpdates.TryApply(_network.Config, update, out ChannelConfig? next, out string? fault), fault);
        var envelope = new ConfigEnvelope { Config = next.Config, LastUpdate = Wrap(update, HeaderType.ConfigUpdate) };
        ConfigEnvelope changed = envelope.Clone();
        changed.Config.ChannelGroup.Groups["Orderer"].Values["BatchTimeout"].Value =
            new BatchTimeout { Timeout = "1s" }.ToByteString();
        ConfigEnvelope otherSequence = envelope.Clone();
        otherSequence.Config.Sequence = 7;

        Assert.True(Check(envelope, out fault), fault);
        Assert.False(Check(changed, out fault));
        Assert.Contains("is not what its update makes", fault, StringComparison.Ordinal);
        Assert.False(Check(otherSequence, out _));
        Assert.False(Check(new ConfigEnvelope { Config = next.Config }, out _));
        Assert.False(Check(new ConfigEnvelope { LastUpdate = envelope.LastUpdate }, out _));
        Assert.False(Check(new ConfigEnvelope(envelope) { LastUpdate = Wrap(update, HeaderType.Message) }, out _));

        // The same bytes once more: the configuration it changes has moved on.
        Assert.False(ConfigUpdates.TryCheckConfigTransaction(next, envelope, out _, out _));
    }

    [Fact]
    public void The_result_has_the_same_bytes_however_the_maps_of_the_update_were_filled()
    {
        SigningIdentity[] both = BothAdministrators();
        ConfigUpdate forward = Whole(application => application.Version++);
        ConfigUpdate backward = Whole(application =>
        {
            application.Version++;
            ConfigGroup copy = application.Clone();
            application.Groups.Clear();
            foreach ((string key, ConfigGroup group) in copy.Groups.Reverse())
                application.Groups.Add(key, group);
        });

        Assert.True(TryApply(forward, out ChannelConfig? one, out string? fault, both), fault);
        Assert.True(TryApply(backward, out ChannelConfig? other, out fault, both), fault);
        Assert.Equal(one.Config.ToByteArray(), other.Config.ToByteArray());
    }

    private SigningIdentity[] BothAdministrators() => [_network.Org1.Admin, _network.Org2.Admin];

    private bool Check(ConfigEnvelope envelope, out string? fault) =>
        ConfigUpdates.TryCheckConfigTransaction(_network.Config, envelope, out _, out fault);

    private bool TryApply(
        ConfigUpdate update,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChannelConfig? next,
        out string? fault,
        params SigningIdentity[] signers) =>
        ConfigUpdates.TryApply(_network.Config, Sign(update, signers), out next, out fault);

    /// <summary>Changes the batch timeout, reading no more than the way to it.</summary>
    private ConfigUpdate Timeout(string text, ulong version)
    {
        ConfigUpdate update = Empty();
        update.ReadSet.Groups["Orderer"] = new ConfigGroup { ModPolicy = "Admins" };
        update.WriteSet.Groups["Orderer"] = new ConfigGroup
        {
            ModPolicy = "Admins",
            Values =
            {
                ["BatchTimeout"] = new ConfigValue
                {
                    Version = version,
                    ModPolicy = "Admins",
                    Value = new BatchTimeout { Timeout = text }.ToByteString(),
                },
            },
        };
        return update;
    }

    private ConfigUpdate AddPolicy(ulong groupVersion, ulong version) => Whole(application =>
    {
        application.Version = groupVersion;
        ConfigPolicy extra = application.Policies["Writers"].Clone();
        extra.Version = version;
        application.Policies.Add("Extra", extra);
    });

    /// <summary>Reads the group Application as it is, and writes it with a change.</summary>
    private ConfigUpdate Whole(Action<ConfigGroup> change)
    {
        ConfigUpdate update = Empty();
        ConfigGroup application = _network.Config.Config.ChannelGroup.Groups["Application"];
        update.ReadSet.Groups["Application"] = application.Clone();
        update.WriteSet.Groups["Application"] = application.Clone();
        change(update.WriteSet.Groups["Application"]);
        return update;
    }

    private ConfigUpdate RemoveApplication()
    {
        ConfigGroup channel = _network.Config.Config.ChannelGroup;
        ConfigUpdate update = Empty();
        update.ReadSet = channel.Clone();
        update.WriteSet = channel.Clone();
        update.WriteSet.Groups.Remove("Application");
        update.WriteSet.Version = 1;
        return update;
    }

    private ConfigUpdate Empty() => new()
    {
        ChannelId = _network.ChannelId.Value,
        ReadSet = new ConfigGroup { ModPolicy = "Admins" },
        WriteSet = new ConfigGroup { ModPolicy = "Admins" },
    };

    private ChannelConfig WithoutModPolicy()
    {
        Config config = _network.Config.Config.Clone();
        config.ChannelGroup.Groups["Orderer"].Values["BatchTimeout"].ModPolicy = "Gone";
        bool made = ChannelConfig.TryCreate(_network.ChannelId, config, out ChannelConfig? changed, out string? fault);
        Assert.True(made, fault);
        Assert.NotNull(changed);
        return changed;
    }

    private static ConfigUpdateEnvelope Sign(ConfigUpdate update, params SigningIdentity[] signers)
    {
        var envelope = new ConfigUpdateEnvelope { ConfigUpdate = update.ToByteString() };
        foreach (SigningIdentity signer in signers)
        {
            ByteString header = new SignatureHeader
            {
                Creator = ByteString.CopyFrom(signer.Serialized.Span),
                Nonce = ByteString.CopyFrom(1, 2, 3),
            }.ToByteString();
            byte[] signed = [.. header.Span, .. envelope.ConfigUpdate.Span];
            envelope.Signatures.Add(new ConfigSignature
            {
                SignatureHeader = header,
                Signature = ByteString.CopyFrom(signer.Sign(signed)),
            });
        }

        return envelope;
    }

    private Envelope Wrap(ConfigUpdateEnvelope update, HeaderType type) => new()
    {
        Payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader
                {
                    Type = (int)type,
                    ChannelId = _network.ChannelId.Value,
                }.ToByteString(),
            },
            Data = update.ToByteString(),
        }.ToByteString(),
    };
}
