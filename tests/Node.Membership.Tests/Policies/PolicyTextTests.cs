using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Tests.Policies;

public class PolicyTextTests
{
    [Fact]
    public void A_lone_gate_has_the_bytes_that_Fabric_writes()
    {
        SignaturePolicyEnvelope envelope = Parse("OR('Org1MSP.peer')");

        Assert.Equal(
            "120812060801120208001a0d120b0a074f7267314d53501003", Convert.ToHexStringLower(envelope.ToByteArray()));
    }

    [Theory]
    [InlineData("AND('Org1MSP.peer', 'Org2MSP.peer')", "AND('Org1MSP.peer', 'Org2MSP.peer')")]
    [InlineData("  and ( \"Org1MSP.member\",'a.b-c.admin' ) ", "AND('Org1MSP.member', 'a.b-c.admin')")]
    [InlineData("OR('A.client','A.client')", "OR('A.client', 'A.client')")]
    [InlineData("'A.orderer'", "OR('A.orderer')")]
    [InlineData("OutOf(2,'A.peer',OR('B.peer','C.peer'))", "AND('A.peer', OR('B.peer', 'C.peer'))")]
    [InlineData("outof(2, 'A.peer', 'B.peer', 'C.peer')", "OutOf(2, 'A.peer', 'B.peer', 'C.peer')")]
    [InlineData("OutOf(0, 'A.peer')", "OutOf(0, 'A.peer')")]
    public void Text_is_read_and_written_back(string text, string canonical)
    {
        SignaturePolicyEnvelope envelope = Parse(text);

        Assert.Equal(canonical, SignaturePolicy.Format(envelope));
        Assert.Equal(envelope, Parse(canonical));
    }

    [Fact]
    public void Principals_stand_in_the_order_in_which_they_appear_repeated_ones_too()
    {
        SignaturePolicyEnvelope envelope = Parse("AND('B.peer', OR('A.peer', 'B.peer'))");

        Assert.Equal(
            ["B", "A", "B"], envelope.Identities.Select(p => MSPRole.Parser.ParseFrom(p.Principal).MspIdentifier));
        Assert.Equal(0, envelope.Rule.NOutOf.Rules[0].SignedBy);
        Assert.Equal(2, envelope.Rule.NOutOf.Rules[1].NOutOf.Rules[1].SignedBy);
    }

    private const string HowMany = "how many rules must be satisfied";
    private const string AnyRule = "AND(, OR(, OutOf( or a principal such as 'Org1MSP.peer'";

    [Theory]
    [InlineData("", 1, "found the end", AnyRule)]
    [InlineData("  ", 3, "found the end", AnyRule)]
    [InlineData("AND('A.peer', )", 15, "found ')'", AnyRule)]
    [InlineData("AND('A.peer' 'B.peer')", 14, "found '''", "',' or ')'")]
    [InlineData("AND('A.peer'", 13, "found the end", "',' or ')'")]
    [InlineData("AND 'A.peer'", 5, "found '''", "'('")]
    [InlineData("XOR('A.peer')", 1, "found 'XOR'", AnyRule)]
    [InlineData("AND('A.boss')", 8, "found the role 'boss'", "member or admin or client or peer or orderer")]
    [InlineData("AND('A')", 6, "found 'A'", "an MSP id, a dot and a role")]
    [InlineData("AND('.peer')", 6, "found '.peer'", "an MSP id, a dot and a role")]
    [InlineData("AND('A B.peer')", 7, "found ' ' in an MSP id", "letters, digits, '.' and '-'")]
    [InlineData("AND('A.peer)", 5, "found a principal without a closing quote", "' at its end")]
    [InlineData("OutOf('A.peer')", 7, "found '''", "how many rules must be satisfied")]
    [InlineData("OutOf(2 'A.peer')", 9, "found '''", "','")]
    [InlineData("OutOf(3, 'A.peer', 'B.peer')", 7, "3 of 2 can never be satisfied", "at most 2")]
    [InlineData("OutOf(-1, 'A.peer')", 7, "found '-'", "how many rules must be satisfied")]
    [InlineData("OutOf(99999999999, 'A.peer')", 7, "found a number that is too large", HowMany)]
    [InlineData("OR('A.peer'))", 13, "found ')'", "the end")]
    [InlineData("OR('A.peer') and", 14, "found 'a'", "the end")]
    [InlineData("OR()", 4, "found ')'", AnyRule)]
    public void Faults_name_the_column_and_what_could_have_stood_there(
        string text, int column, string found, string expected)
    {
        bool parsed = SignaturePolicy.TryParse(text, out _, out PolicySyntaxFault? fault);

        Assert.False(parsed);
        Assert.NotNull(fault);
        Assert.Equal(column, fault.Column);
        Assert.Equal(found, fault.Found);
        Assert.Equal(expected, string.Join(" or ", fault.Expected));
        Assert.Equal($"column {column}: {found}, expected {expected}", fault.Message);
        Assert.Equal(new string(' ', column - 1) + "^", fault.ToString().Split('\n')[^1]);
    }

    [Fact]
    public void Texts_that_are_too_deep_or_too_large_are_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("OR(", Limits.PolicyDepthMax + 2)) + "'A.peer'";
        string wide = $"OR({string.Join(',', Enumerable.Repeat("'A.peer'", Limits.PolicyPrincipalsMax + 1))})";
        string nested = $"OR({string.Join(',', Enumerable.Repeat("OR('A.peer')", Limits.PolicyNodesMax))})";

        Assert.False(SignaturePolicy.TryParse(deep, out _, out _));
        Assert.False(SignaturePolicy.TryParse(wide, out _, out PolicySyntaxFault? fault));
        Assert.Contains("more than 1024 principals", fault.Message, StringComparison.Ordinal);
        Assert.False(SignaturePolicy.TryParse(nested, out _, out _));
        Assert.False(SignaturePolicy.TryParse(new string(' ', MembershipLimits.PolicyCharsMax + 1), out _, out _));
    }

    private static SignaturePolicyEnvelope Parse(string text)
    {
        Assert.True(SignaturePolicy.TryParse(text, out SignaturePolicyEnvelope? envelope, out PolicySyntaxFault? fault),
            fault?.ToString());
        return envelope;
    }
}
