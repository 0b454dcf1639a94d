using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;
using Node.Testing;

namespace Node.EndToEnd.Hosts;

/// <summary>Every port that any process of any host listens on, tried by those who have no business there.</summary>
[Collection(HostedNetworkShared.Name)]
public sealed class PortTests(HostedNetwork network) : IDisposable
{
    private static readonly string[] s_knocks =
        ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "\0\u0001garbage\u00ff\r\n\r\n"];

    // What runs where, and what is asked there: what only insiders are answered, if certificates decide about it.
    private static readonly Dictionary<string, (int Port, string Target)[]> s_known = new(StringComparer.Ordinal)
    {
        [HostedTopology.OrdererRole] =
        [
            (HostedTopology.EtcdClientPort, "/version"),
            (HostedTopology.EtcdPeerPort, "/members"),
            (HostedTopology.OrdererPort, ""),
            (HostedTopology.AdminPort, "/participation/v1/channels"),
            (HostedTopology.OperationsPort, "/metrics"),
        ],
        [HostedTopology.PeerRole] = [(HostedTopology.PeerPort, ""), (HostedTopology.OperationsPort, "/metrics")],
        [HostedTopology.CaRole] = [(HostedTopology.CaPort, ""), (HostedTopology.OperationsPort, "/metrics")],
    };

    private readonly TestNetwork _elsewhere = TestNetwork.Create();   // With the same names.
    private readonly List<X509Certificate2> _certificates = [];

    [Fact]
    public async Task No_port_speaks_without_TLS_or_answers_strangers_and_nothing_ends_by_their_knocking()
    {
        await network.MakeWellAsync();
        int[] before = [.. network.Runs.Select(node => node.ProcessId)];
        var faults = new List<string>();
        foreach (NodeRun node in network.Runs)
        {
            foreach ((int port, string target) in s_known[node.Node.Role])
            {
                var door = new Door(node, port);
                foreach (string knock in s_knocks)
                {
                    // That it speaks TLS only is no answer.
                    string answer = await door.KnockAsync(knock);
                    if (answer.Length > 0 && !answer.Contains(" 400 Bad Request", StringComparison.Ordinal))
                        faults.Add($"{node.Name} answers on {port} without TLS: {answer}");
                }

                if (target.Length > 0)
                    faults.AddRange(await FaultsOfAsync(node, port, target));
            }
        }

        Assert.Empty(faults);
        Assert.Equal(before, network.Runs.Select(node => node.ProcessId));
        foreach (NodeRun node in network.Runs)
            await node.UntilHealthyAsync();
    }

    [Fact]
    public async Task No_host_has_a_port_that_nobody_has_thought_of()
    {
        await network.MakeWellAsync();

        foreach (Host host in network.Hosts.Hosts)
        {
            string role = network.Runs.FirstOrDefault(node => node.Host == host)?.Node.Role ?? "";
            IEnumerable<string> known = s_known.GetValueOrDefault(role, [])
                .Select(place => FormattableString.Invariant($"tcp {place.Port}")).Order(StringComparer.Ordinal);
            Assert.Equal((host.Name, string.Join(", ", known)), (host.Name, string.Join(", ", Door.OpenOn(host))));
        }

        // The same look finds one that is new, on whatever address and in whatever protocol.
        Host client = network.Hosts[HostedNetwork.ClientHost];
        using Socket stranger = NamespaceSockets.Open(client.NamespacePath);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 4711));
        stranger.Listen();
        Assert.Equal(["tcp 4711"], Door.OpenOn(client));
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in _certificates)
            certificate.Dispose();
        _elsewhere.Dispose();
    }

    private async Task<List<string>> FaultsOfAsync(NodeRun node, int port, string target)
    {
        OrganizationLayout own = LayoutOf(node);
        OrganizationLayout other = node.Node.MspId == "Org1MSP"
            ? network.Material.PeerOrganization("org2.example.com")
            : network.Material.PeerOrganization("org1.example.com");
        OrganizationLayout orderers = network.Material.OrdererOrganization("example.com");
        var callers = new (string Who, X509Certificate2? Certificate, bool IsInsider)[]
        {
            ("somebody without a certificate", null, false),
            ("an orderer of another network with the same names", Load(_elsewhere.Orderer.NodeLayout), false),
            ("an administrator of that network", Load(_elsewhere.Orderer.Layout.User("Admin")), false),
            ("an administrator of another organisation", Load(other.User("Admin")), false),
            ("a peer of another organisation", Load(other.Node($"peer0.{other.Domain}")), false),
            ("an orderer", Load(orderers.Node("orderer.example.com")), node.Node.IsOrderer),
            ("an administrator of its organisation", Load(own.User("Admin")), true),
        };
        var faults = new List<string>();
        var door = new Door(node, port);
        foreach ((string who, X509Certificate2? certificate, bool isInsider) in callers)
        {
            int status = await door.AskAsync(certificate, HttpQuestion.Get(target));
            if (status == 200 != isInsider)
                faults.Add($"{node.Name} answers {status} to {who} on {port}{target}");
        }

        return faults;
    }

    private OrganizationLayout LayoutOf(NodeRun node) => node.Node.IsOrderer
        ? network.Material.OrdererOrganization(node.Node.Domain)
        : network.Material.PeerOrganization(node.Node.Domain);

    private X509Certificate2 Load(MemberLayout member)
    {
        var certificate = X509Certificate2.CreateFromPemFile(member.TlsCertificateFile, member.TlsKeyFile);
        _certificates.Add(certificate);
        return certificate;
    }
}
