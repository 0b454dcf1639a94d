using Node.Membership.Changing;
using Node.Membership.Topology;
using Node.Protocol.Wire.Common;
using Node.Testing;

namespace Node.Membership.Tests.Changing;

/// <summary>Orderers are named in a channel's configuration, and named no longer, one at a time.</summary>
public sealed class OrdererChangeTests : IDisposable
{
    private readonly TestNetwork _network = TestNetwork.Create(NetworkTopology.Default(3, 7050, KeyType.P256));
    private readonly byte[] _certificate;

    public OrdererChangeTests() =>
        _certificate = File.ReadAllBytes(_network.Orderer.Layout.User("Admin").TlsCertificateFile);

    public void Dispose() => _network.Dispose();

    [Fact]
    public void An_orderer_is_named_with_its_address_and_certificate_and_then_no_longer()
    {
        ChannelConfig added = Change(_network.Config, draft =>
            Assert.True(draft.TryAddOrderer("Orderer", new Endpoint("pi4", 7080), _certificate, out _)));
        ChannelConfig removed = Change(added, draft =>
            Assert.True(draft.TryRemoveOrderer(new Endpoint("localhost", 7050), out _)));

        ConsenterPlace place = added.Orderer.Consenters[^1];
        Assert.Equal("pi4:7080", place.ToString());
        Assert.Equal(_certificate, place.ServerTlsPem.ToArray());
        Assert.Equal(
            ["localhost:7060", "localhost:7070", "pi4:7080"],
            removed.Orderer.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(
            ["localhost:7060", "localhost:7070", "pi4:7080"],
            removed.Orderer.Consenters.Select(consenter => consenter.ToString()));
    }

    [Fact]
    public void Two_at_once_and_the_last_one_are_refused()
    {
        string? two = Refusal(_network.Config, draft =>
        {
            Assert.True(draft.TryAddOrderer("Orderer", new Endpoint("pi4", 7080), _certificate, out _));
            Assert.True(draft.TryAddOrderer("Orderer", new Endpoint("pi5", 7080), _certificate, out _));
        });
        ChannelConfig one = _network.Config;
        foreach (int port in (int[])[7060, 7070])
            one = Change(one, draft => Assert.True(draft.TryRemoveOrderer(new Endpoint("localhost", port), out _)));

        var last = new ConfigDraft(one);
        Assert.True(last.TryRemoveOrderer(new Endpoint("localhost", 7050), out _));

        Assert.Contains("change one at a time", two, StringComparison.Ordinal);
        Assert.False(last.TryFinish(out _, out string? none));
        Assert.Contains("names no orderer address", none, StringComparison.Ordinal);
    }

    [Fact]
    public void What_names_nothing_is_refused_with_a_sentence()
    {
        var draft = new ConfigDraft(_network.Config);

        Assert.False(draft.TryAddOrderer("Org1", new Endpoint("pi4", 7080), _certificate, out string? organization));
        Assert.False(draft.TryAddOrderer("Orderer", new Endpoint("pi4", 7080), "no"u8.ToArray(), out string? pem));
        Assert.False(
            draft.TryAddOrderer("Orderer", new Endpoint("localhost", 7050), _certificate, out string? there));
        Assert.False(draft.TryRemoveOrderer(new Endpoint("pi9", 1), out string? gone));
        Assert.False(draft.TrySetCapability("Peer", "V2_0", out string? part));

        Assert.Contains("no organisation Org1 of orderers", organization, StringComparison.Ordinal);
        Assert.Contains("the TLS certificate of pi4:7080", pem, StringComparison.Ordinal);
        Assert.Contains("has an orderer localhost:7050 already", there, StringComparison.Ordinal);
        Assert.Contains("has no orderer pi9:1", gone, StringComparison.Ordinal);
        Assert.Contains("not of Peer", part, StringComparison.Ordinal);
    }

    [Fact]
    public void Access_lists_and_capabilities_change_and_unknown_capabilities_are_refused()
    {
        ChannelConfig changed = Change(_network.Config, draft =>
        {
            draft.SetAcl("peer/Propose", "/Channel/Application/Admins");
            Assert.True(draft.TrySetCapability("Application", "V2_0", out _));
        });
        ChannelConfig back = Change(changed, draft => draft.SetAcl("peer/Propose", ""));
        var unknown = new ConfigDraft(_network.Config);
        Assert.True(unknown.TrySetCapability("Orderer", "V9_9", out _));

        Assert.Equal("/Channel/Application/Admins", changed.AclPolicyPath("peer/Propose"));
        Assert.Equal("/Channel/Application/Writers", back.AclPolicyPath("peer/Propose"));
        Assert.False(unknown.TryFinish(out _, out string? fault));
        Assert.Contains("V9_9", fault, StringComparison.Ordinal);
    }

    private ChannelConfig Change(ChannelConfig current, Action<ConfigDraft> change)
    {
        Assert.True(TryChange(current, change, out ChannelConfig? next, out string? fault), fault);
        return next!;
    }

    private string? Refusal(ChannelConfig current, Action<ConfigDraft> change)
    {
        Assert.False(TryChange(current, change, out _, out string? fault));
        return fault;
    }

    private bool TryChange(
        ChannelConfig current, Action<ConfigDraft> change, out ChannelConfig? next, out string? fault)
    {
        var draft = new ConfigDraft(current);
        change(draft);
        Assert.True(draft.TryFinish(out ConfigUpdate? update, out fault), fault);
        return SignedUpdate.Of(update)
            .SignedBy(_network.Org1.Admin).SignedBy(_network.Org2.Admin).SignedBy(_network.Orderer.Admin)
            .TryApply(current, out next, out fault);
    }
}
