using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Client.Tests;

public sealed class NetworkFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NetworkFolderTests()
    {
        NetworkTopology.WriteDefault(_folder.File(NetworkTopology.FileName), 1, 17050, KeyType.P256);
        MaterialGenerator.Generate(
            NetworkTopology.Default(1, 17050, KeyType.P256).ToCryptoConfig(), _folder.File("crypto-config"),
            KeyType.P256, TimeProvider.System);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("org1", "Org1MSP", "localhost:17051")]
    [InlineData("Org2MSP", "Org2MSP", "localhost:19051")]
    [InlineData("ORG2.example.com", "Org2MSP", "localhost:19051")]
    public void An_organisation_goes_by_name_msp_id_or_domain(string organization, string mspId, string endpoint)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(_folder.Path, organization, "User1");

        Assert.Equal((mspId, endpoint), (gateway.Identity.MspId.Value, gateway.Endpoint));
    }

    [Theory]
    [InlineData("org3", "User1", "it has org1, org2")]
    [InlineData("org1", "User9", "no user \"User9\"")]
    public void What_is_missing_is_named(string organization, string user, string expected)
    {
        NetworkFolderException fault = Assert.Throws<NetworkFolderException>(
            () => Gateway.FromNetworkFolder(_folder.Path, organization, user));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_network_is_told() =>
        Assert.Throws<NetworkFolderException>(
            () => Gateway.FromNetworkFolder(_folder.File("elsewhere"), "org1", "User1"));
}
