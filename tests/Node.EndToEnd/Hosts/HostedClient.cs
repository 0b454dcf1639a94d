using System.Net;
using Node.Client;
using Node.Membership;
using Node.Membership.Material;
using Node.Protocol;

namespace Node.EndToEnd.Hosts;

/// <summary>A user of an organisation, connected to one of its peers through the SDK.</summary>
internal sealed class HostedClient : IDisposable
{
    private readonly Gateway _gateway;
    private readonly SigningIdentity _identity;

    private HostedClient(string peer, Gateway gateway, SigningIdentity identity)
    {
        Peer = peer;
        _gateway = gateway;
        _identity = identity;
        Contract = Network.GetContract(HostedTopology.Contract);
    }

    public string Peer { get; }

    public Network Network => _gateway.GetNetwork(ChannelId.Of(HostedTopology.Channel));

    public Contract Contract { get; }

    public SigningIdentity Identity => _identity;

    public static HostedClient Connect(HostedNode peer, IPAddress address, MaterialLayout material, string user)
    {
        OrganizationLayout organization = material.PeerOrganization(peer.Domain);
        Assert.True(
            SigningIdentity.TryLoad(
                MspId.Of(peer.MspId), organization.User(user).Msp, out SigningIdentity? identity, out string? fault),
            fault);
        var options = new GatewayOptions
        {
            Endpoint = FormattableString.Invariant($"{address}:{HostedTopology.PeerPort}"),
            Identity = new ClientIdentity(identity.MspId, identity.Serialized),
            Signer = identity.Sign,
            TlsRootsPem = File.ReadAllText(organization.Node(peer.Name).TlsRootFile),
            ServerName = peer.Name,
        };
        return new HostedClient(peer.Name, Gateway.Connect(options), identity);
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _identity.Dispose();
    }
}
