using Node.Membership.Material;

namespace Node.Membership.Tests.Material;

public class CryptoConfigTests
{
    [Theory]
    [InlineData("PeerOrgs:\n  - Name: A", "line 2: PeerOrgs[0].Domain is missing")]
    [InlineData("PeerOrgs:\n  - Domain: a.com", "line 2: PeerOrgs[0].Name is missing")]
    [InlineData("PeerOrgs: 3", "line 1: PeerOrgs must be a list")]
    [InlineData("PeerOrg: []", "line 1: PeerOrg is not a known field (known: OrdererOrgs, PeerOrgs)")]
    [InlineData("PeerOrgs:\n  - Name: A\n    Domain: ../etc", "line 3: PeerOrgs[0].Domain is '../etc'")]
    [InlineData("PeerOrgs:\n  - {Name: A, Domain: a.com, Colour: red}", "PeerOrgs[0].Colour is not a known field")]
    [InlineData(
        "PeerOrgs:\n  - Name: A\n    Domain: a.com\n    Template: {Count: many}",
        "line 4: PeerOrgs[0].Template.Count is 'many', expected a number from 0 to 1000")]
    [InlineData(
        "PeerOrgs:\n  - Name: A\n    Domain: a.com\n    EnableNodeOUs: yes please",
        "line 4: PeerOrgs[0].EnableNodeOUs must be true or false")]
    [InlineData(
        "PeerOrgs:\n  - {Name: A, Domain: a.com}\n  - {Name: B, Domain: a.com}",
        "PeerOrgs holds the domain a.com more than once")]
    [InlineData(
        "PeerOrgs:\n  - Name: A\n    Domain: a.com\n    Template: {Count: 1}\n    Specs: [{Hostname: peer0}]",
        "line 5: PeerOrgs[0].Specs and Template name the node peer0.a.com more than once")]
    [InlineData(
        "PeerOrgs:\n  - Name: A\n    Domain: a.com\n    Specs: [{Hostname: p, CommonName: 'a/b'}]",
        "line 4: PeerOrgs[0].Specs[0].CommonName gives 'a/b', which is no host name")]
    [InlineData(
        "PeerOrgs:\n  - Name: A\n    Domain: a.com\n    CA: {Country: Norway}",
        "line 4: PeerOrgs[0].CA.Country must be a code of two letters")]
    [InlineData("PeerOrgs: [", "crypto-config.yaml, line 2: While parsing")]
    [InlineData("", "crypto-config.yaml must hold one YAML document")]
    public void Faults_name_line_and_field(string yaml, string expected)
    {
        Assert.False(CryptoConfig.TryParse("crypto-config.yaml", yaml, out _, out string? fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_shown_at_once_in_the_order_of_their_lines()
    {
        const string Yaml = "PeerOrgs:\n  - Name: A\n    Domain: ' '\n    Users: {Count: -1}\nExtra: 1";

        Assert.False(CryptoConfig.TryParse("f", Yaml, out _, out string? fault));
        Assert.Equal(["f, line 3", "f, line 4", "f, line 5"], fault?.Split('\n').Select(line => line.Split(':')[0]));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.False(CryptoConfig.TryLoad("/nowhere/crypto-config.yaml", out _, out string? fault));
        Assert.StartsWith("/nowhere/crypto-config.yaml cannot be read: ", fault, StringComparison.Ordinal);
    }
}
