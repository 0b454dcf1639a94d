using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using RuleMessage = Node.Protocol.Wire.Common.SignaturePolicy;

namespace Node.Membership.Tests.Policies;

public sealed class SignaturePolicyTests : IClassFixture<SignaturePolicyTests.Signers>
{
    private readonly Signers _signers;

    public SignaturePolicyTests(Signers signers) => _signers = signers;

    // Signers are named by organisation and role: a1 and a2 are peers of A, ac is a client, aa an administrator.
    [Theory]
    [InlineData("AND('A.peer','B.peer')", "a1 b1", true)]
    [InlineData("AND('A.peer','B.peer')", "b1 a1", true)]                            // Order of signers is free here.
    [InlineData("AND('A.peer','B.peer')", "a1", false)]
    [InlineData("AND('A.peer','B.peer')", "a1 a2", false)]
    [InlineData("AND('A.peer','B.peer')", "", false)]
    [InlineData("AND('A.peer','A.peer')", "a1", false)]                              // One signer counts once.
    [InlineData("AND('A.peer','A.peer')", "a1 a2", true)]
    [InlineData("OR('A.peer','B.peer')", "b1", true)]
    [InlineData("OR('A.peer','B.peer')", "ac", false)]                               // A client is no peer.
    [InlineData("'A.member'", "ac", true)]
    [InlineData("'A.member'", "b1", false)]
    [InlineData("'A.admin'", "aa", true)]
    [InlineData("'A.client'", "aa", false)]                                          // An administrator is no client.
    [InlineData("OutOf(0,'A.peer')", "", true)]                                      // Nobody is needed.
    [InlineData("OutOf(2,'A.peer','B.peer','C.peer')", "c1 a1", true)]
    [InlineData("OutOf(2,'A.peer','B.peer','C.peer')", "c1", false)]

    // Greedy: the member rule takes the first signer, and the peer rule then finds none left. No backtracking.
    [InlineData("AND('A.member','A.peer')", "a1 ac", false)]
    [InlineData("AND('A.member','A.peer')", "ac a1", true)]
    [InlineData("AND('A.peer','A.member')", "a1 ac", true)]

    // Rules behind a passing gate find the signers spent that the gate tried, also past its threshold.
    [InlineData("AND(OR('A.peer','B.peer'),'B.peer')", "a1 b1", false)]
    [InlineData("AND(OR('A.peer','B.peer'),'B.peer')", "a1 b1 b2", true)]
    [InlineData("AND('B.peer',OR('A.peer','B.peer'))", "a1 b1", true)]

    // A gate that fails gives back what it spent.
    [InlineData("OR(AND('A.peer','B.peer'),'A.peer')", "a1", true)]
    [InlineData("AND(OR(AND('A.peer','C.peer'),'B.peer'),'A.peer')", "a1 b1", true)]
    [InlineData("OutOf(2,AND('A.peer','B.peer'),AND('A.peer','C.peer'),'C.peer')", "a1 b1 c1", true)]
    [InlineData("OutOf(2,AND('A.peer','B.peer'),AND('A.peer','C.peer'))", "a1 b1 c1", false)]
    [InlineData("OutOf(2,AND('A.peer','B.peer'),AND('A.peer','C.peer'))", "a1 b1 c1 a2", true)]
    public void Evaluates_as_Fabric_does(string text, string signers, bool satisfied)
    {
        SignaturePolicy policy = Create(text);

        Assert.Equal(satisfied, policy.IsSatisfiedBy(_signers.Named(signers)));
    }

    [Theory]
    [InlineData("'A.peer'", "", "needs a peer of A; missing: a peer of A; signed by nobody")]
    [InlineData(
        "AND('A.peer','B.peer')", "a1",
        "needs all of (a peer of A, a peer of B); missing: a peer of B; signed by a1 of A (peer)")]
    [InlineData(
        "OR('A.admin','B.orderer')", "a1 ac",
        "needs any of (an administrator of A, an orderer of B); "
        + "missing: 1 of (an administrator of A, an orderer of B); signed by a1 of A (peer), ac of A (client)")]
    [InlineData(
        "OutOf(2,'A.peer','B.peer','C.peer')", "c1",
        "needs 2 of (a peer of A, a peer of B, a peer of C); missing: 1 of (a peer of A, a peer of B); "
        + "signed by c1 of C (peer)")]
    public void A_refusal_says_what_is_missing(string text, string signers, string explanation)
    {
        Assert.Equal(explanation, Create(text).Explain(_signers.Named(signers)));
    }

    [Fact]
    public void More_signers_than_fit_the_stack_are_evaluated_too()
    {
        Identity[] many = [.. Enumerable.Repeat(_signers.Named("ac")[0], 200), .. _signers.Named("b1")];

        Assert.True(Create("AND('A.client','B.peer')").IsSatisfiedBy(many));
        Assert.False(Create("AND('A.client','C.peer')").IsSatisfiedBy(many));
    }

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        SignaturePolicy policy = Create("AND('A.peer', OutOf(1, 'B.peer', 'C.peer'))");
        Identity[] signers = _signers.Named("a1 c1");
        Assert.True(policy.IsSatisfiedBy(signers));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            policy.IsSatisfiedBy(signers);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    public static TheoryData<string, MSPPrincipal, bool> Principals()
    {
        return new TheoryData<string, MSPPrincipal, bool>
        {
            { "identity", Principal(MSPPrincipal.Types.Classification.Identity, ByteString.Empty), false },
            { "nominal", Principal(MSPPrincipal.Types.Classification.Anonymity, new MSPIdentityAnonymity()), true },
            {
                "anonymous",
                Principal(
                    MSPPrincipal.Types.Classification.Anonymity,
                    new MSPIdentityAnonymity
                    {
                        AnonymityType = MSPIdentityAnonymity.Types.MSPIdentityAnonymityType.Anonymous,
                    }),
                false
            },
            { "unknown", Principal((MSPPrincipal.Types.Classification)9, ByteString.Empty), false },
            { "malformed role", Principal(MSPPrincipal.Types.Classification.Role, ByteString.CopyFrom(0xff)), false },
            { "role without MSP", Principal(MSPPrincipal.Types.Classification.Role, new MSPRole()), false },
            {
                "unknown role",
                Principal(
                    MSPPrincipal.Types.Classification.Role,
                    new MSPRole { MspIdentifier = "A", Role = (MSPRole.Types.MSPRoleType)7 }),
                false
            },
            {
                "empty combination",
                Principal(MSPPrincipal.Types.Classification.Combined, new CombinedPrincipal()),
                false
            },
        };
    }

    [Theory]
    [MemberData(nameof(Principals))]
    public void Principals_of_every_kind_are_judged(string what, MSPPrincipal principal, bool satisfied)
    {
        Assert.Equal(satisfied, CreateFor(principal).IsSatisfiedBy(_signers.Named("a1")));
        Assert.NotEqual("", what);
    }

    [Fact]
    public void A_unit_principal_asks_for_unit_and_certifier()
    {
        Identity signer = _signers.Named("a1")[0];
        var unit = new OrganizationUnit
        {
            MspIdentifier = "A",
            OrganizationalUnitIdentifier = "peer",
            CertifiersIdentifier = ByteString.CopyFrom(signer.CertifierId.AsSpan()),
        };

        Assert.True(Satisfies(unit));
        Assert.False(Satisfies(new OrganizationUnit(unit) { OrganizationalUnitIdentifier = "client" }));
        Assert.False(Satisfies(new OrganizationUnit(unit) { MspIdentifier = "B" }));
        unit.CertifiersIdentifier = ByteString.CopyFrom(new byte[32]);
        Assert.False(Satisfies(unit));

        bool Satisfies(OrganizationUnit asked) =>
            CreateFor(Principal(MSPPrincipal.Types.Classification.OrganizationUnit, asked)).IsSatisfiedBy([signer]);
    }

    [Fact]
    public void An_identity_principal_asks_for_one_certificate_and_a_combination_for_all_its_parts()
    {
        Identity one = _signers.Named("a1")[0];
        Identity other = _signers.Named("a2")[0];
        MSPPrincipal identity = Principal(
            MSPPrincipal.Types.Classification.Identity, ByteString.CopyFrom(one.Serialized.Span));
        MSPPrincipal nominal = Principal(MSPPrincipal.Types.Classification.Anonymity, new MSPIdentityAnonymity());
        MSPPrincipal both = Principal(
            MSPPrincipal.Types.Classification.Combined, new CombinedPrincipal { Principals = { nominal, identity } });

        Assert.True(CreateFor(identity).IsSatisfiedBy([one]));
        Assert.False(CreateFor(identity).IsSatisfiedBy([other]));
        Assert.True(CreateFor(both).IsSatisfiedBy([one]));
        Assert.False(CreateFor(both).IsSatisfiedBy([other]));
    }

    [Theory]
    [InlineData(1, 0, "version 0")]
    [InlineData(0, 1, "asks for principal 1")]
    [InlineData(0, -1, "asks for principal -1")]
    public void Policies_from_outside_are_checked(int version, int signedBy, string reason)
    {
        var envelope = new SignaturePolicyEnvelope
        {
            Version = version,
            Rule = new RuleMessage { SignedBy = signedBy },
            Identities = { new MSPPrincipal() },
        };

        Assert.False(SignaturePolicy.TryCreate(envelope, out _, out string? fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.False(SignaturePolicy.TryCreate(new SignaturePolicyEnvelope(), out _, out _));
        Assert.False(SignaturePolicy.TryCreate(Deep(Limits.PolicyDepthMax + 1), out _, out fault));
        Assert.Contains("at most 16 deep", fault, StringComparison.Ordinal);
        Assert.True(SignaturePolicy.TryCreate(Deep(Limits.PolicyDepthMax), out _, out _));
    }

    private static SignaturePolicyEnvelope Deep(int gates)
    {
        var rule = new RuleMessage { SignedBy = 0 };
        for (int i = 0; i < gates; i++)
            rule = new RuleMessage { NOutOf = new RuleMessage.Types.NOutOf { N = 1, Rules = { rule } } };

        return new SignaturePolicyEnvelope { Rule = rule, Identities = { new MSPPrincipal() } };
    }

    private static MSPPrincipal Principal(MSPPrincipal.Types.Classification kind, IMessage content) =>
        Principal(kind, content.ToByteString());

    private static MSPPrincipal Principal(MSPPrincipal.Types.Classification kind, ByteString content) =>
        new() { PrincipalClassification = kind, Principal = content };

    private static SignaturePolicy CreateFor(MSPPrincipal principal) => Create(new SignaturePolicyEnvelope
    {
        Rule = new RuleMessage { SignedBy = 0 },
        Identities = { principal },
    });

    private static SignaturePolicy Create(string text)
    {
        Assert.True(SignaturePolicy.TryParse(text, out SignaturePolicyEnvelope? envelope, out _));
        return Create(envelope);
    }

    private static SignaturePolicy Create(SignaturePolicyEnvelope envelope)
    {
        Assert.True(SignaturePolicy.TryCreate(envelope, out SignaturePolicy? policy, out string? fault), fault);
        return policy;
    }

    /// <summary>Three organisations with two peers, a client and an administrator each.</summary>
    public sealed class Signers : IDisposable
    {
        private readonly Dictionary<string, Identity> _byName = [];
        private readonly List<TestAuthority> _authorities = [];

        public Signers()
        {
            foreach (string organization in (string[])["A", "B", "C"])
            {
                TestAuthority authority = TestAuthority.Root($"ca.{organization}");
                _authorities.Add(authority);
                FabricMSPConfig config = authority.ToConfig(organization);
                Assert.True(Msp.TryCreate(config, MspRules.Fabric143, out Msp? msp, out string? fault), fault);
                foreach ((string suffix, string unit) in
                    ((string, string)[])[("1", "peer"), ("2", "peer"), ("c", "client"), ("a", "admin")])
                {
                    string name = organization.ToLowerInvariant() + suffix;
                    using TestMember member = authority.Issue(name, unit);
                    Assert.True(msp.TryResolve(member.Pem.Span, out Identity? identity, out fault), fault);
                    _byName[name] = identity;
                }
            }
        }

        public Identity[] Named(string names) =>
            [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => _byName[name])];

        public void Dispose()
        {
            foreach (TestAuthority authority in _authorities)
                authority.Dispose();
        }
    }
}
