using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Membership.Tests.Topology;

public sealed class NetworkTopologyTests
{
    private const string Valid = """
        host: localhost
        listenAddress: 127.0.0.1
        keyType: p256
        restPort: 8080
        ordererOrganizations:
          - name: Orderer
            mspId: OrdererMSP
            domain: example.com
            orderers:
              - { name: orderer, port: 7050, operationsPort: 9443 }
        organizations:
          - name: Org1
            mspId: Org1MSP
            domain: org1.example.com
            peers:
              - { name: peer0, port: 7051, operationsPort: 9444 }
        channels:
          - name: mychannel
            organizations: [Org1MSP]
            contracts:
              - { name: hyperprov, policy: "OR('Org1MSP.peer')" }
            policies: { Endorsement: ANY Endorsement, Writers: "OR('Org1MSP.client')" }
            limits: { maxMessageCount: 10, batchTimeout: 250ms }
        """;

    [Theory]
    [InlineData(1, 7050, "7050", "7051 9051", "7054 8054 9054", "9443 9444 9445", 8080)]
    [InlineData(3, 7050, "7050 7060 7070", "7051 9051", "7054 8054 9054", "9443 9444 9445 9446 9447", 8080)]
    [InlineData(1, 17050, "17050", "17051 19051", "17054 18054 19054", "19443 19444 19445", 18080)]
    public void The_default_network_has_the_ports_of_the_tutorials_moved_by_the_base_port(
        int orderers, int basePort, string ordererPorts, string peerPorts, string caPorts, string operations, int rest)
    {
        NetworkTopology network = NetworkTopology.Default(orderers, basePort, KeyType.P256);
        OrganizationTopology[] all = [.. network.Organizations, .. network.OrdererOrganizations];

        Assert.Equal(ordererPorts, Ports(network.OrdererOrganizations.SelectMany(org => org.Nodes, (_, n) => n.Port)));
        Assert.Equal(peerPorts, Ports(network.Organizations.SelectMany(org => org.Nodes, (_, n) => n.Port)));
        Assert.Equal(caPorts, Ports(all.Select(org => org.CaPort)));
        Assert.Equal(operations, Ports(all.SelectMany(org => org.Nodes, (_, n) => n.OperationsPort)));
        Assert.Equal(rest, network.RestPort);
        Assert.Equal(
            string.Join(' ', ((int[])[9448, 9449, 9450]).Select(port => port + basePort - 7050)),
            Ports(all.Select(org => org.CaOperationsPort)));
        Assert.False(network.Insecure);
        Assert.Equal("mychannel", network.Channels[0].Id.Value);
        Assert.Equal("AND('Org1MSP.peer','Org2MSP.peer')", network.Channels[0].Contracts[0].Policy);
        Assert.Equal("peer0.org1.example.com", network.Organizations[0].Nodes[0].Name);
    }

    [Theory]
    [InlineData(1, KeyType.P256)]
    [InlineData(3, KeyType.Ed25519)]
    public void The_file_that_is_written_is_read_back_as_the_same_network(int orderers, KeyType keyType)
    {
        NetworkTopology network = NetworkTopology.Default(orderers, basePort: 20_000, keyType);

        string text = network.ToYaml();

        Assert.True(NetworkTopology.TryParse("yaml", text, out NetworkTopology? read, out string? fault), fault);
        Assert.Equal(text, read.ToYaml());
        Assert.Equal(keyType, read.KeyType);
        Assert.Equal(network.OrdererOrganizations[0].Nodes, read.OrdererOrganizations[0].Nodes);
        Assert.Equal(network.Channels[0].Batch, read.Channels[0].Batch);
    }

    [Fact]
    public void What_the_file_leaves_out_has_defaults()
    {
        NetworkTopology network = Parse(Valid);

        Assert.Equal("1.0", network.Channels[0].Contracts[0].Version);
        Assert.Equal(1, network.Organizations[0].UserCount);
        Assert.Equal(TimeSpan.FromMilliseconds(250), network.Channels[0].Batch.Timeout);
        Assert.Equal(10, network.Channels[0].Batch.MaxMessageCount);
        Assert.Equal(Limits.BatchBytesPreferred, network.Channels[0].Batch.PreferredMaxBytes);
        Assert.Equal("ANY Endorsement", network.Channels[0].Policies["Endorsement"]);
    }

    [Theory]
    [InlineData("keyType: p256", "keyType: rsa", "line 3: keyType must be p256 or ed25519")]
    [InlineData("host: localhost", "hots: localhost", "line 1: hots is not a known field")]
    [InlineData("listenAddress: 127.0.0.1", "listenAddress: here", "line 2: listenAddress is 'here', expected an IP")]
    [InlineData("port: 7051", "port: 70510", "line 16: organizations[0].peers[0].port is '70510', expected a number")]
    [InlineData("port: 7051", "port: 7050", "line 16: organizations[0].peers[0].port is 7050, which orderer")]
    [InlineData("port: 7051, ", "", "organizations[0].peers[0].port is missing")]
    [InlineData("9444", "9443", "operationsPort is 9443, which the operations of orderer.example.com uses already")]
    [InlineData("mspId: Org1MSP", "mspId: OrdererMSP", "line 13: organizations[0].mspId 'OrdererMSP' is used by")]
    [InlineData("org1.example.com", "example.com", "organizations[0].domain 'example.com' is used by another")]
    [InlineData("org1.example.com", "a/b", "line 14: organizations[0].domain is 'a/b', which is no domain name")]
    [InlineData("name: peer0", "name: 'peer 0'", "organizations[0].peers[0].name is 'peer 0', which is no host name")]
    [InlineData("[Org1MSP]", "[Org9MSP]", "line 19: channels[0].organizations names 'Org9MSP', which is the mspId of")]
    [InlineData("[Org1MSP]", "[Org1MSP, Org1MSP]", "channels[0].organizations names 'Org1MSP' twice")]
    [InlineData("[Org1MSP]", "[]", "channels[0].organizations must name at least one organisation")]
    [InlineData("name: mychannel", "name: MyChannel", "line 18: channels[0].name is not acceptable")]
    [InlineData("OR('Org1MSP.peer')", "OR('Org1MSP.peer'", "channels[0].contracts[0].policy is no policy: column")]
    [InlineData("name: hyperprov", "name: hyper/prov", "channels[0].contracts[0].name is 'hyper/prov'")]
    [InlineData("ANY Endorsement", "SOME Endorsement", "line 22: channels[0].policies.Endorsement is no policy")]
    [InlineData("Writers:", "Painters:", "channels[0].policies.Painters is not a known field")]
    [InlineData("batchTimeout: 250ms", "batchTimeout: soon", "line 23: channels[0].limits.batchTimeout is 'soon'")]
    [InlineData("maxMessageCount: 10", "maxMessageCount: 0", "channels[0].limits.maxMessageCount is '0', expected")]
    [InlineData("maxMessageCount: 10", "absoluteMaxBytes: 10", "is 2097152, more than absoluteMaxBytes")]
    public void Faults_name_line_and_field(string old, string changed, string expected)
    {
        string text = Valid.Replace(old, changed, StringComparison.Ordinal);

        Assert.NotEqual(Valid, text);
        Assert.False(NetworkTopology.TryParse("network.yaml", text, out _, out string? fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.StartsWith("network.yaml, line ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_are_dialled_and_listen_where_the_file_places_them_and_else_where_the_network_does()
    {
        NetworkTopology network = Parse(Valid
            .Replace("listenAddress: 127.0.0.1", "listenAddress: 0.0.0.0", StringComparison.Ordinal)
            .Replace("host: localhost", "host: pi0.local", StringComparison.Ordinal)
            .Replace(
                "port: 7051", "host: 10.0.0.7, listen: 10.0.0.7, port: 7050", StringComparison.Ordinal)
            .Replace(
                "domain: org1.example.com", "domain: org1.example.com\n    caPort: 7054\n    caHost: pi2.local",
                StringComparison.Ordinal));
        OrganizationTopology organization = network.Organizations[0];
        NodeTopology orderer = network.OrdererOrganizations[0].Nodes[0];

        Assert.Equal(["pi0.local", "10.0.0.7", "pi2.local"], network.Hosts);
        Assert.Equal("10.0.0.7", network.HostOf(organization.Nodes[0]));
        Assert.Equal("10.0.0.7", network.ListenAddressOf(organization.Nodes[0]));
        Assert.Equal("pi0.local", network.HostOf(orderer));
        Assert.Equal("0.0.0.0", network.ListenAddressOf(orderer));
        Assert.Equal("pi2.local", network.CaHostOf(organization));
        Assert.Equal(network.ToYaml(), Parse(network.ToYaml()).ToYaml());
    }

    [Fact]
    public void Certificates_carry_the_name_under_which_their_node_is_dialled()
    {
        NetworkTopology network = Parse(Valid.Replace(
            "port: 7051", "host: 127.0.0.7, listen: 127.0.0.7, port: 7051", StringComparison.Ordinal));

        CryptoConfig material = network.ToCryptoConfig();

        Assert.Equal(["127.0.0.7"], material.PeerOrganizations[0].Nodes[0].Sans);
        Assert.Equal(["localhost"], material.OrdererOrganizations[0].Nodes[0].Sans);
        Assert.Equal(["localhost"], material.PeerOrganizations[0].Ca.Sans);
    }

    [Theory]
    [InlineData("host: 'a b'", "organizations[0].peers[0].host is 'a b', expected a DNS name or an IPv4 address")]
    [InlineData("host: 'fe80::1', listen: '::'", "peers[0].host is 'fe80::1', expected a DNS name or an IPv4 address")]
    [InlineData("host: pi1, listen: pi1", "organizations[0].peers[0].listen is 'pi1', expected an IP address")]
    [InlineData("host: pi1", "host is 'pi1', but it would listen on 127.0.0.1, where no other machine reaches it")]
    [InlineData(
        "host: pi1, listen: 0.0.0.0",
        "peers[0].host is 'pi1', but it would|orderers[0].host is 'localhost', which every machine takes for itself")]
    [InlineData("hosts: pi1", "peers[0].hosts is not a known field (known: host, listen, name, operationsPort, port)")]
    public void Faults_of_places_say_what_to_do(string place, string expected)
    {
        string text = Valid.Replace("port: 7051", $"{place}, port: 7051", StringComparison.Ordinal);

        Assert.False(NetworkTopology.TryParse("network.yaml", text, out _, out string? fault));
        Assert.Contains(expected.Split('|')[^1], fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pi1", "pi1", "peers[0].port is 7050, which orderer.example.com uses already on pi1")]
    [InlineData("pi1", "PI1", "peers[0].port is 7050, which orderer.example.com uses already on PI1")]
    [InlineData("127.0.0.1", "localhost", "peers[0].port is 7050, which orderer.example.com uses already")]
    [InlineData("pi1", "pi2", "")]                       // Every host has ports of its own.
    [InlineData("127.0.0.1", "127.0.0.2", "")]           // So has every loopback address.
    public void Ports_clash_on_one_host_only(string ordererHost, string peerHost, string expected)
    {
        string text = Valid
            .Replace("port: 7050", $"host: {ordererHost}, listen: 0.0.0.0, port: 7050", StringComparison.Ordinal)
            .Replace("port: 7051", $"host: {peerHost}, listen: 0.0.0.0, port: 7050", StringComparison.Ordinal);

        bool parsed = NetworkTopology.TryParse("network.yaml", text, out _, out string? fault);

        Assert.Equal(expected.Length == 0, parsed);
        Assert.Contains(expected, fault ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Orderers_of_several_organisations_share_a_log_or_are_refused()
    {
        const string Second = """
              - name: Orderer2
                mspId: Orderer2MSP
                domain: orderer2.example.com
                orderers:
                  - { name: orderer, port: 7060, operationsPort: 9453 }

            """;
        string text = Valid.Replace("organizations:\n", Second + "organizations:\n", StringComparison.Ordinal);

        Assert.NotEqual(Valid, text);
        Assert.False(NetworkTopology.TryParse("network.yaml", text, out _, out string? fault));
        Assert.Contains("line 6: ordererOrganizations has several orderers", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_file_is_kept()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "mine");
            NetworkTopology.WriteDefault(file, orderers: 1, NetworkTopology.DefaultBasePort, KeyType.P256);
            Assert.Equal("mine", File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("2s", 2000)]
    [InlineData("250ms", 250)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2000us", 2)]
    [InlineData("1s500ms", 1500)]
    public void Durations_are_those_of_Go(string text, int milliseconds)
    {
        Assert.True(Node.Membership.Channels.GoDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("s")]
    [InlineData("-2s")]
    [InlineData("2 s")]
    [InlineData("2d")]
    [InlineData("1..5s")]
    [InlineData("99999999h")]
    [InlineData("1e9s")]
    public void What_is_no_duration_is_refused(string text) =>
        Assert.False(Node.Membership.Channels.GoDuration.TryParse(text, out _));

    private static NetworkTopology Parse(string text)
    {
        Assert.True(NetworkTopology.TryParse("yaml", text, out NetworkTopology? network, out string? fault), fault);
        return network;
    }

    private static string Ports(IEnumerable<int> ports) => string.Join(' ', ports.Order());
}
