using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Node.Client;
using Node.Membership;
using Node.Membership.Material;
using Node.Protocol;
using Node.Protocol.Wire.Ordering;
using Node.Testing;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Ports that speak to whoever comes, and ask for a signature or a secret: those who have the wrong one get nothing.
/// </summary>
[Collection(HostedNetworkShared.Name)]
public sealed class StrangerTests(HostedNetwork network) : IDisposable
{
    private readonly TestNetwork _elsewhere = TestNetwork.Create();   // With the same names of organisations and users.
    private readonly List<SigningIdentity> _identities = [];

    [Fact]
    public async Task Orderers_take_envelopes_of_writers_and_give_blocks_to_readers_alone()
    {
        await network.MakeWellAsync();
        SigningIdentity foreigner = _elsewhere.Org1.User1;
        foreach (NodeRun orderer in network.Orderers)
        {
            Assert.Equal(Status.Forbidden, await BroadcastAsync(orderer, foreigner));
            Assert.Equal(Status.Forbidden, await BroadcastAsync(orderer, _elsewhere.Orderer.Admin));

            // A peer may read and not write.
            Assert.Equal(Status.Forbidden, await BroadcastAsync(orderer, NodeIdentity(network.Peers[0])));
            Assert.Equal(Status.Success, await BroadcastAsync(orderer, network.Clients[0].Identity));

            Assert.False(await GivesBlocksAsync(orderer, foreigner));
            Assert.False(await GivesBlocksAsync(orderer, _elsewhere.Orderer.Admin));
            Assert.True(await GivesBlocksAsync(orderer, NodeIdentity(network.Peers[0])));
        }
    }

    [Fact]
    public async Task Peers_serve_members_of_the_application_and_nobody_else()
    {
        await network.MakeWellAsync();
        SigningIdentity ordering = Load(
            "OrdererMSP", network.Material.OrdererOrganization("example.com").User("Admin").Msp);
        foreach ((NodeRun peer, HostedClient client) in network.Peers.Zip(network.Clients))
        {
            // The first is of another authority, the second of one that the channel knows, for another purpose.
            foreach (SigningIdentity stranger in (SigningIdentity[])[_elsewhere.Org1.User1, ordering])
            {
                Assert.False(await GivesBlocksAsync(peer, stranger));
                using Gateway gateway = Connect(peer, stranger);
                Contract contract = gateway.GetNetwork(ChannelId.Of(HostedTopology.Channel))
                    .GetContract(HostedTopology.Contract);
                await Assert.ThrowsAnyAsync<GatewayException>(
                    () => contract.NewProposal("get", "nothing").EvaluateAsync(CancellationToken.None));
                await Assert.ThrowsAnyAsync<GatewayException>(
                    () => contract.NewProposal("set", "stranger", new string('a', 64), "file://store", "x")
                        .EndorseAsync(CancellationToken.None));
            }

            Assert.True(await GivesBlocksAsync(peer, client.Identity));
        }
    }

    [Fact]
    public async Task The_authority_believes_its_own_certificates_and_right_secrets_alone()
    {
        await network.MakeWellAsync();
        const string Identities = "/api/v1/identities";
        var door = new Door(network.Authority, HostedTopology.CaPort);
        MemberLayout user = network.Material.PeerOrganization("org1.example.com").User("User1");
        string folder = network.FolderOf(network.Authority.Name);
        string secret = (await File.ReadAllTextAsync(
            Path.Combine(folder, "ca", "org1.example.com", "registrar-secret"))).Trim();

        Assert.Equal(200, await door.AskAsync(certificate: null, HttpQuestion.Get("/api/v1/cainfo")));
        Assert.Equal(401, await door.AskAsync(certificate: null, HttpQuestion.Get(Identities)));
        Assert.Equal(401, await AskAsync(door, _elsewhere.Org1.Layout.User("Admin"), Identities));
        Assert.Equal(401, await AskAsync(
            door, network.Material.PeerOrganization("org2.example.com").User("Admin"), Identities));

        // Believed, and without the right.
        Assert.Equal(403, await AskAsync(door, user, Identities));
        Assert.Equal(401, await EnrollAsync(door, "admin:" + new string('x', 20)));
        Assert.InRange(await EnrollAsync(door, secret), 200, 299);
    }

    public void Dispose()
    {
        foreach (SigningIdentity identity in _identities)
            identity.Dispose();
        _elsewhere.Dispose();
    }

    private async Task<Status> BroadcastAsync(NodeRun orderer, SigningIdentity signer)
    {
        BroadcastResponse? answer = await new Flood(network, signer).SendOneAsync(orderer);
        Assert.NotNull(answer);
        return answer.Status;
    }

    private async Task<bool> GivesBlocksAsync(NodeRun node, SigningIdentity signer)
    {
        OrganizationLayout organization = node.Node.IsOrderer
            ? network.Material.OrdererOrganization(node.Node.Domain)
            : network.Material.PeerOrganization(node.Node.Domain);
        using var reader = new ChainReader(
            node.Node, node.Host.Address, signer, organization.Node(node.Name).TlsRootFile);
        try
        {
            return await reader.HeightAsync(CancellationToken.None) > 0;
        }
        catch (RpcException e) when (e.Status.Detail.Contains($"{Status.Forbidden}", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private Gateway Connect(NodeRun peer, SigningIdentity identity) => Gateway.Connect(new GatewayOptions
    {
        Endpoint = FormattableString.Invariant($"{network.Hosts.AddressOf(peer.Name)}:{HostedTopology.PeerPort}"),
        Identity = new ClientIdentity(identity.MspId, identity.Serialized),
        Signer = identity.Sign,
        TlsRootsPem = File.ReadAllText(
            network.Material.PeerOrganization(peer.Node.Domain).Node(peer.Name).TlsRootFile),
        ServerName = peer.Name,
    });

    private SigningIdentity NodeIdentity(NodeRun peer) =>
        Load(peer.Node.MspId, network.Material.PeerOrganization(peer.Node.Domain).Node(peer.Name).Msp);

    private SigningIdentity Load(string mspId, string msp)
    {
        Assert.True(SigningIdentity.TryLoad(
            MspId.Of(mspId), msp, out SigningIdentity? identity, out string? fault), fault);
        _identities.Add(identity);
        return identity;
    }

    // By a token, as docs/ca.md tells: whose certificate it is, and that the key is at hand.
    private async Task<int> AskAsync(Door door, MemberLayout caller, string target)
    {
        string certificate = Base64(
            await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(caller.Msp, "signcerts"))[0]));
        byte[] signature = Load("Org1MSP", caller.Msp).Sign(
            Encoding.ASCII.GetBytes($"GET.{Base64(target)}..{certificate}"));
        return await door.AskAsync(
            certificate: null,
            new HttpQuestion("GET", target, $"{certificate}.{Convert.ToBase64String(signature)}"));
    }

    private static async Task<int> EnrollAsync(Door door, string credential)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256);
        string body = JsonSerializer.Serialize(
            new Dictionary<string, string> { ["certificate_request"] = request.CreateSigningRequestPem() });
        return await door.AskAsync(
            certificate: null,
            new HttpQuestion("POST", "/api/v1/enroll", $"Basic {Base64(credential)}", body));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
