using System.Text;

namespace Node.EndToEnd.Hosts;

/// <summary>One node of the network that the bad days happen to; its host has the same name.</summary>
/// <param name="Role">As the program calls it: orderer, peer or ca.</param>
internal sealed record HostedNode(string Name, string Organization, string MspId, string Domain, string Role)
{
    public bool IsOrderer => Role == HostedTopology.OrdererRole;
}

/// <summary>Three orderers, four peers of three organisations and one of their authorities, a host for each.</summary>
internal static class HostedTopology
{
    public const string Channel = "mychannel";
    public const string Contract = "hyperprov";
    public const int OrdererPort = 7050;
    public const int PeerPort = 7051;
    public const int EtcdClientPort = 2379;
    public const int EtcdPeerPort = 2380;
    public const int AdminPort = 7053;
    public const int CaPort = 7054;
    public const int OperationsPort = 9443;
    public const string OrdererRole = "orderer";
    public const string PeerRole = "peer";
    public const string CaRole = "ca";

    // Any two of three: what one organisation's peers suffer stops nobody else.
    private const string Policy = "OutOf(2,'Org1MSP.peer','Org2MSP.peer','Org3MSP.peer')";

    /// <summary>Orderers, then peers.</summary>
    public static IReadOnlyList<HostedNode> Nodes { get; } =
    [
        .. new[] { "orderer", "orderer2", "orderer3" }.Select(name =>
            new HostedNode($"{name}.example.com", "Orderer", "OrdererMSP", "example.com", OrdererRole)),
        Peer("peer0", 1), Peer("peer1", 1), Peer("peer0", 2), Peer("peer0", 3),
    ];

    public static IReadOnlyList<HostedNode> Orderers { get; } = [.. Nodes.Where(node => node.IsOrderer)];

    public static IReadOnlyList<HostedNode> Peers { get; } = [.. Nodes.Where(node => !node.IsOrderer)];

    /// <summary>The certificate authority of the first organisation.</summary>
    public static HostedNode Authority { get; } =
        new("ca.org1.example.com", "Org1", "Org1MSP", "org1.example.com", CaRole);

    /// <summary>The ports of each host that others reach.</summary>
    public static IReadOnlyDictionary<string, int[]> Ports { get; } = Nodes.Append(Authority).ToDictionary(
        node => node.Name,
        node => node.Role switch
        {
            OrdererRole => [OrdererPort, AdminPort, EtcdClientPort, EtcdPeerPort],
            PeerRole => [PeerPort],
            _ => new[] { CaPort },
        });

    public static string ToYaml()
    {
        var text = new StringBuilder();
        text.Append("host: localhost\nlistenAddress: \"0.0.0.0\"\nkeyType: p256\nrestPort: 8080\n");
        text.Append("ordererOrganizations:\n");
        AppendOrganization(text, "orderers", Orderers);
        text.Append("organizations:\n");
        foreach (IGrouping<string, HostedNode> organization in Peers.GroupBy(node => node.Organization))
            AppendOrganization(text, "peers", [.. organization]);

        text.Append($"""
            channels:
              - name: {Channel}
                organizations: [Org1MSP, Org2MSP, Org3MSP]
                contracts:
                  - name: {Contract}
                    version: "1.0"
                    policy: "{Policy}"
                policies: []

            """.Replace("policies: []", "policies: {}", StringComparison.Ordinal));
        return text.ToString();
    }

    private static HostedNode Peer(string name, int organization) => new(
        $"{name}.org{organization}.example.com", $"Org{organization}", $"Org{organization}MSP",
        $"org{organization}.example.com", PeerRole);

    private static void AppendOrganization(StringBuilder text, string field, IReadOnlyList<HostedNode> nodes)
    {
        HostedNode first = nodes[0];
        text.Append($"  - name: {first.Organization}\n    mspId: {first.MspId}\n    domain: {first.Domain}\n");
        text.Append("    users: 1\n");
        if (first.MspId == Authority.MspId)
        {
            text.Append(FormattableString.Invariant(
                $"    caHost: {Authority.Name}\n    caPort: {CaPort}\n    caOperationsPort: {OperationsPort}\n"));
        }

        text.Append($"    {field}:\n");
        foreach (HostedNode node in nodes)
        {
            text.Append($"      - name: {node.Name.Split('.')[0]}\n        host: {node.Name}\n");
            text.Append(FormattableString.Invariant(
                $"        port: {(node.IsOrderer ? OrdererPort : PeerPort)}\n"));
            text.Append(FormattableString.Invariant($"        operationsPort: {OperationsPort}\n"));
            if (node.IsOrderer)
            {
                text.Append(FormattableString.Invariant($"        adminPort: {AdminPort}\n"));
                text.Append(FormattableString.Invariant($"        etcdClientPort: {EtcdClientPort}\n"));
                text.Append(FormattableString.Invariant($"        etcdPeerPort: {EtcdPeerPort}\n"));
            }
        }
    }
}
