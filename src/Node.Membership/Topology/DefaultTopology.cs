using System.Globalization;
using Node.Protocol;

namespace Node.Membership.Topology;

/// <summary>The network a newcomer gets: names and ports that every Fabric tutorial uses.</summary>
internal static class DefaultTopology
{
    public const string Contract = "hyperprov";
    public const string ContractPolicy = "AND('Org1MSP.peer','Org2MSP.peer')";

    /// <summary>From the base port to the highest default port.</summary>
    public const int PortSpan = 9450 - NetworkTopology.DefaultBasePort;

    private const int OrdererPortStep = 10;
    private const int EtcdClientPortStep = 2;
    private const int AdminPortStep = 3;   // 7053, as everywhere in Fabric.
    private const int EtcdPeerPortStep = 5;

    public static NetworkTopology Create(int orderers, int basePort, KeyType keyType)
    {
        Invariant.Require(orderers is 1 or 3, "the command line offers one orderer or three");
        Invariant.Require(basePort is > 0 and <= NetworkTopology.BasePortMax, "the command line checks the base port");

        int shift = basePort - NetworkTopology.DefaultBasePort;
        var ordererNodes = new List<NodeTopology>();
        for (int i = 0; i < orderers; i++)
        {
            string name = i == 0 ? "orderer" : string.Create(CultureInfo.InvariantCulture, $"orderer{i + 1}");
            int operationsPort = i == 0 ? 9443 : 9445 + i;
            int port = basePort + (i * OrdererPortStep);
            NodeTopology node = Node(name, "example.com", port, operationsPort + shift) with
            {
                AdminPort = port + AdminPortStep,
            };
            ordererNodes.Add(orderers == 1
                ? node
                : node with { EtcdClientPort = port + EtcdClientPortStep, EtcdPeerPort = port + EtcdPeerPortStep });
        }

        return new NetworkTopology
        {
            Host = "localhost",
            ListenAddress = "127.0.0.1",
            KeyType = keyType,
            RestPort = 8080 + shift,
            OrdererOrganizations =
            [
                Organization(
                    "Orderer", "example.com", caPort: 9054 + shift, caOperationsPort: 9448 + shift, ordererNodes),
            ],
            Organizations =
            [
                Organization(
                    "Org1", "org1.example.com", caPort: 7054 + shift, caOperationsPort: 9449 + shift,
                    [Node("peer0", "org1.example.com", port: 7051 + shift, operationsPort: 9444 + shift)]),
                Organization(
                    "Org2", "org2.example.com", caPort: 8054 + shift, caOperationsPort: 9450 + shift,
                    [Node("peer0", "org2.example.com", port: 9051 + shift, operationsPort: 9445 + shift)]),
            ],
            Channels =
            [
                new ChannelTopology(
                    ChannelId.Of("mychannel"),
                    [MspId.Of("Org1MSP"), MspId.Of("Org2MSP")],
                    [new ContractTopology { Name = Contract, Version = "1.0", Policy = ContractPolicy }],
                    new Dictionary<string, string>(StringComparer.Ordinal),
                    BatchTopology.Default),
            ],
        };
    }

    private static NodeTopology Node(string shortName, string domain, int port, int operationsPort) => new()
    {
        ShortName = shortName,
        Name = $"{shortName}.{domain}",
        Port = port,
        OperationsPort = operationsPort,
    };

    private static OrganizationTopology Organization(
        string name, string domain, int caPort, int caOperationsPort, IReadOnlyList<NodeTopology> nodes) => new()
    {
        Name = name,
        MspId = MspId.Of($"{name}MSP"),
        Domain = domain,
        UserCount = 1,
        CaPort = caPort,
        CaOperationsPort = caOperationsPort,
        Nodes = nodes,
    };
}
