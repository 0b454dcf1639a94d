using Node.Client;
using Node.Membership;
using Node.Membership.Material;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>A member of Org1, connected to a peer of its own or of the other organisation.</summary>
internal sealed class MemberAtPeer : IDisposable
{
    private readonly SigningIdentity _identity;
    private readonly Gateway _gateway;

    private MemberAtPeer(SigningIdentity identity, Gateway gateway)
    {
        _identity = identity;
        _gateway = gateway;
        Contract = gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
    }

    private Contract Contract { get; }

    /// <param name="user">Whose folder lies among the users of Org1.</param>
    /// <param name="org">Whose peer: org1 or org2.</param>
    public static MemberAtPeer Connect(RunningNetwork network, string user, string org)
    {
        var material = new MaterialLayout(Path.Combine(network.Folder, "crypto-config"));
        string peer = $"peer0.{org}.example.com";
        Assert.True(
            SigningIdentity.TryLoad(
                MspId.Of("Org1MSP"), material.PeerOrganization("org1.example.com").User(user).Msp,
                out SigningIdentity? identity, out string? fault),
            fault);
        var options = new GatewayOptions
        {
            Endpoint = FormattableString.Invariant($"localhost:{network.BasePort + (org == "org1" ? 1 : 2001)}"),
            Identity = new ClientIdentity(identity.MspId, identity.Serialized),
            Signer = identity.Sign,
            TlsRootsPem = File.ReadAllText(material.PeerOrganization($"{org}.example.com").Node(peer).TlsRootFile),
            ServerName = peer,
        };
        return new MemberAtPeer(identity, Gateway.Connect(options));
    }

    /// <summary>Has the setting of a key endorsed, and submits nothing.</summary>
    public Task<Transaction> EndorseAsync(string key) =>
        Contract.NewProposal("set", key, new string('a', 64), "file://store", key)
            .EndorseAsync(CancellationToken.None);

    /// <summary>Requires that this peer neither answers the member's queries nor endorses for it.</summary>
    public async Task RequireRefusedAsync()
    {
        GatewayException query = await Assert.ThrowsAnyAsync<GatewayException>(
            () => Contract.EvaluateAsync("get", ["any"], CancellationToken.None));
        GatewayException proposal = await Assert.ThrowsAnyAsync<GatewayException>(() => EndorseAsync("never"));

        foreach (GatewayException refusal in (GatewayException[])[query, proposal])
        {
            Assert.Contains(
                "access denied", $"{refusal.Message} {string.Join(' ', refusal.Details)}", StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _identity.Dispose();
    }
}
