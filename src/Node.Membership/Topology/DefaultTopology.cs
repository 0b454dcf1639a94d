using System.Globalization;
using Node.Protocol;

namespace Node.Membership.Topology;

/// <summary>The network a newcomer gets: names and ports that every Fabric tutorial uses.</summary>
internal static class DefaultTopology
{
    public const string Contract = "hyperprov";
    public const string ContractPolicy = "AND('Org1MSP.peer','Org2MSP.peer')";

    /// <summary>From the base port to the highest default port.</summary>
    public const int PortSpan = 9447 - NetworkTopology.DefaultBasePort;

    private const int OrdererPortStep = 10;

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
            ordererNodes.Add(new NodeTopology(
                name, $"{name}.example.com", basePort + (i * OrdererPortStep), operationsPort + shift));
        }

        return new NetworkTopology(
            Host: "localhost",
            ListenAddress: "127.0.0.1",
            keyType,
            RestPort: 8080 + shift,
            [
                new OrganizationTopology(
                    "Orderer", MspId.Of("OrdererMSP"), "example.com", UserCount: 1, 9054 + shift, ordererNodes),
            ],
            [
                PeerOrganization("Org1", "org1.example.com", 7054 + shift, 7051 + shift, 9444 + shift),
                PeerOrganization("Org2", "org2.example.com", 8054 + shift, 9051 + shift, 9445 + shift),
            ],
            [
                new ChannelTopology(
                    ChannelId.Of("mychannel"),
                    [MspId.Of("Org1MSP"), MspId.Of("Org2MSP")],
                    [new ContractTopology(Contract, Version: "1.0", ContractPolicy)],
                    new Dictionary<string, string>(StringComparer.Ordinal),
                    BatchTopology.Default),
            ]);
    }

    private static OrganizationTopology PeerOrganization(
        string name, string domain, int caPort, int port, int operationsPort) =>
        new(name, MspId.Of($"{name}MSP"), domain, UserCount: 1, caPort,
            [new NodeTopology("peer0", $"peer0.{domain}", port, operationsPort)]);
}
