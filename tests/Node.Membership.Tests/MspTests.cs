using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol.Wire.Msp;

namespace Node.Membership.Tests;

public sealed class MspTests : IDisposable
{
    private static readonly DateTimeOffset s_epoch = TestAuthority.Epoch;
    private readonly TestAuthority _root = TestAuthority.Root("ca.org1");

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("client", NodeRole.Client, false)]
    [InlineData("peer", NodeRole.Peer, false)]
    [InlineData("admin", NodeRole.Admin, true)]
    [InlineData("orderer", NodeRole.Orderer, false)]
    public void A_member_has_the_role_of_its_organisational_unit(string unit, NodeRole role, bool isAdmin)
    {
        Identity identity = Resolve(Create(_root.ToConfig("Org1MSP")), _root.Issue("somebody", unit, "department1"));

        Assert.Equal(role, identity.Role);
        Assert.Equal(isAdmin, identity.IsAdmin);
        Assert.Equal("Org1MSP", identity.MspId.Value);
        Assert.Equal("somebody", identity.CommonName);
        Assert.Equal([unit, "department1"], identity.OrganizationalUnits);
    }

    [Fact]
    public void A_member_shows_its_attributes_and_its_enrolment_id()
    {
        CertificateContent content = TestAuthority.MemberContent("somebody", "client") with
        {
            AttributesJson = """{"attrs":{"hf.EnrollmentID":"alice","color":"red","n":1}}"""u8.ToArray(),
        };

        Identity with = Resolve(Create(_root.ToConfig("Org1MSP")), _root.Issue(content, KeyType.P256));
        Identity without = Resolve(Create(_root.ToConfig("Org1MSP")), _root.Issue("bob", "client"));
        Identity broken = Resolve(
            Create(_root.ToConfig("Org1MSP")),
            _root.Issue(content with { AttributesJson = "{\"attrs\":["u8.ToArray() }, KeyType.P256));

        Assert.Equal("alice", with.EnrollmentId);
        Assert.Equal("red", with.Attributes["color"]);
        Assert.Equal("bob", without.EnrollmentId);
        Assert.Equal("somebody", broken.EnrollmentId);
    }

    // Each row issues one certificate that must not become a member, and names the reason that must be given.
    public static TheoryData<string, string> Refusals() => new()
    {
        { "foreign authority", "none of the organisation's authorities issued it" },
        { "foreign authority of the same name", "none of the organisation's authorities issued it" },
        { "certificate authority", "it belongs to a certificate authority" },
        { "no unit", "no organisational unit gives it a role" },
        { "unknown unit", "no organisational unit gives it a role" },
        { "two units", "more than one role" },
        { "the same unit twice", "more than one role" },
        { "revoked", "it is revoked" },
        { "bad signature", "none of the organisation's authorities issued it" },
        { "client authentication only", "extended key usage excludes server authentication" },
        { "before its issuer", "was not valid when it was issued" },
        { "ends before it begins", "it ends before it begins" },
        { "Ed25519", "need the channel capability V3_0" },
        { "garbage", "no PEM block" },
        { "wrong label", "the PEM block is not a CERTIFICATE" },
        { "not base64", "cannot be read" },
        { "truncated", "it is not the DER of a certificate" },
        { "oversized", "at most" },
        { "empty", "no PEM block" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_and_says_why(string what, string reason)
    {
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        byte[] pem = PemOf(what, config);

        bool resolved = Create(config, MspRules.Fabric143).TryResolve(pem, out Identity? identity, out string? fault);

        Assert.False(resolved);
        Assert.Null(identity);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.Contains("Org1MSP", fault, StringComparison.Ordinal);
    }

    private byte[] PemOf(string what, FabricMSPConfig config)
    {
        CertificateContent client = TestAuthority.MemberContent("somebody", "client");
        using TestAuthority stranger = TestAuthority.Root("ca.stranger");
        using TestAuthority twin = TestAuthority.Root("ca.org1");
        TestMember member = _root.Issue(client, KeyType.P256);
        return what switch
        {
            "foreign authority" => stranger.Issue(client, KeyType.P256).Pem.ToByteArray(),
            "foreign authority of the same name" => twin.Issue(client, KeyType.P256).Pem.ToByteArray(),
            "certificate authority" => _root.Intermediate("ca.below").Pem.ToByteArray(),
            "no unit" => _root.Issue("somebody").Pem.ToByteArray(),
            "unknown unit" => _root.Issue("somebody", "Client").Pem.ToByteArray(),
            "two units" => _root.Issue("somebody", "client", "peer").Pem.ToByteArray(),
            "the same unit twice" => _root.Issue("somebody", "peer", "peer").Pem.ToByteArray(),
            "revoked" => Revoke(member),
            "bad signature" => TestAuthority.PemOf(FlipLastByte(member.Der)).ToByteArray(),
            "client authentication only" => Issue(client with
            {
                ExtendedKeyUsages = [TestAuthority.ClientAuthentication],
            }),
            "before its issuer" => Issue(client with { NotBefore = s_epoch.AddYears(-1) }),
            "ends before it begins" => Issue(client with { NotAfter = s_epoch.AddDays(-1) }),
            "Ed25519" => _root.Issue(client, KeyType.Ed25519).Pem.ToByteArray(),
            "garbage" => "this is no certificate"u8.ToArray(),
            "wrong label" => "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"u8.ToArray(),
            "not base64" => "-----BEGIN CERTIFICATE-----\nA?AA\n-----END CERTIFICATE-----\n"u8.ToArray(),
            "truncated" => TestAuthority.PemOf(member.Der[..^1]).ToByteArray(),
            "oversized" => new byte[MembershipLimits.CertificatePemBytesMax + 1],
            "empty" => [],
            _ => throw new ArgumentException(what),
        };

        byte[] Issue(CertificateContent content) => _root.Issue(content, KeyType.P256).Pem.ToByteArray();

        byte[] Revoke(TestMember revoked)
        {
            config.RevocationList.Add(_root.Revoke(_root.Issue("another", "client"), revoked));
            return revoked.Pem.ToByteArray();
        }
    }

    [Fact]
    public void Expiry_is_not_judged_when_an_identity_is_resolved()
    {
        CertificateContent content = TestAuthority.MemberContent("somebody", "client") with
        {
            NotAfter = s_epoch.AddMinutes(1),
        };

        Identity identity = Resolve(Create(_root.ToConfig("Org1MSP")), _root.Issue(content, KeyType.P256));

        Assert.False(identity.IsExpiredAt(s_epoch.AddMinutes(1)));
        Assert.True(identity.IsExpiredAt(s_epoch.AddMinutes(2)));
    }

    [Theory]
    [InlineData(TestAuthority.ServerAuthentication)]
    [InlineData("2.5.29.37.0")]                                                        // Any purpose.
    public void Extended_key_usage_may_include_server_authentication(string purpose)
    {
        CertificateContent content = TestAuthority.MemberContent("somebody", "client") with
        {
            ExtendedKeyUsages = [TestAuthority.ClientAuthentication, purpose],
        };

        Resolve(Create(_root.ToConfig("Org1MSP")), _root.Issue(content, KeyType.P256));
    }

    [Fact]
    public void A_revocation_list_that_another_authority_signed_says_nothing()
    {
        using TestAuthority twin = TestAuthority.Root("ca.org1");
        TestMember member = _root.Issue("somebody", "client");
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.RevocationList.Add(twin.Revoke(member));

        Resolve(Create(config), member);
    }

    [Fact]
    public void Ed25519_members_sign_the_message_itself()
    {
        using TestAuthority root = TestAuthority.Root("ca.org1", KeyType.Ed25519);
        TestMember member = root.Issue(TestAuthority.MemberContent("somebody", "client"), KeyType.Ed25519);
        Identity identity = Resolve(Create(root.ToConfig("Org1MSP"), MspRules.Fabric30), member);
        byte[] signature = member.Key.Sign("message"u8);
        byte[] changed = [.. signature];
        changed[0] ^= 1;

        Assert.Equal(64, signature.Length);
        Assert.True(identity.Verify("message"u8, signature));
        Assert.False(identity.Verify("Message"u8, signature));
        Assert.False(identity.Verify("message"u8, changed));
        Assert.False(identity.Verify("message"u8, signature.AsSpan(0, 63)));
        Assert.False(identity.Verify("message"u8, [.. signature, 0]));
        Assert.False(identity.Verify("message"u8, []));
    }

    [Fact]
    public void Members_below_an_intermediate_are_members_and_those_directly_below_its_root_are_not()
    {
        using TestAuthority intermediate = _root.Intermediate("ica.org1");
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.FabricNodeOus = Unbound();
        config.IntermediateCerts.Add(intermediate.Pem);
        Msp msp = Create(config);

        Resolve(msp, intermediate.Issue("below", "client"));
        Assert.Contains("has intermediates", Refuse(msp, _root.Issue("beside", "client")), StringComparison.Ordinal);
    }

    [Fact]
    public void Chains_of_several_intermediates_are_followed_and_their_limits_kept()
    {
        using TestAuthority first = _root.Intermediate(TestAuthority.AuthorityContent("ica1") with { PathLength = 0 });
        using TestAuthority second = first.Intermediate("ica2");
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.FabricNodeOus = Unbound();
        config.IntermediateCerts.Add(second.Pem);
        config.IntermediateCerts.Add(first.Pem);

        Msp msp = Create(config);

        string fault = Refuse(msp, second.Issue("below", "client"));
        Assert.Contains("ica1 allows 0 intermediates below it, there are 1", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_bound_to_one_authority_is_not_given_by_another()
    {
        using TestAuthority one = _root.Intermediate("ica1");
        using TestAuthority other = _root.Intermediate("ica2");
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.IntermediateCerts.Add(one.Pem);
        config.IntermediateCerts.Add(other.Pem);
        config.FabricNodeOus = Unbound();
        config.FabricNodeOus.PeerOuIdentifier = one.Unit("peer");
        Msp msp = Create(config);

        Assert.Equal(NodeRole.Peer, Resolve(msp, one.Issue("peer0", "peer")).Role);
        Assert.Contains("not vouched for", Refuse(msp, other.Issue("peer1", "peer")), StringComparison.Ordinal);
    }

    [Fact]
    public void Required_units_are_required()
    {
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.OrganizationalUnitIdentifiers.Add(_root.Unit("department1"));
        Msp msp = Create(config);

        Resolve(msp, _root.Issue("inside", "client", "department1"));
        Assert.Contains("requires", Refuse(msp, _root.Issue("outside", "client")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_role_units_a_listed_administrator_is_one_and_nobody_has_a_role()
    {
        TestMember admin = _root.Issue("admin");
        var config = new FabricMSPConfig { Name = "Org1MSP", RootCerts = { _root.Pem }, Admins = { admin.Pem } };
        Msp msp = Create(config);

        Identity administrator = Resolve(msp, admin);
        Identity member = Resolve(msp, _root.Issue("member", "admin"));

        Assert.True(administrator.IsAdmin);
        Assert.Equal(NodeRole.None, administrator.Role);
        Assert.False(member.IsAdmin);
    }

    [Fact]
    public void The_spelling_of_the_issuers_signature_does_not_make_another_identity()
    {
        TestMember member = _root.Issue("somebody", "client");
        byte[] twin = WithHighS(member.Der);
        Msp msp = Create(_root.ToConfig("Org1MSP"));

        Identity low = Resolve(msp, member);
        Identity high = Resolve(msp, member with { Der = twin });

        Assert.NotEqual(member.Der, twin);
        Assert.Equal(low.Fingerprint, high.Fingerprint);
        Assert.True(low.IsSameAs(high));
        Assert.Equal(member.Der, high.CertificateDer.ToArray());
    }

    [Theory]
    [InlineData("no root", "has no root certificate")]
    [InlineData("root is no authority", "is not a certificate authority")]
    [InlineData("stray intermediate", "none of the organisation's authorities issued it")]
    [InlineData("no administrators", "names no administrators")]
    [InlineData("administrator is a peer", "is neither client nor admin")]
    [InlineData("administrator of another", "is not valid")]
    [InlineData("unit of a stranger", "is not one of its authorities")]
    [InlineData("unit twice", "stands for two roles")]
    [InlineData("revocation list is garbage", "a revocation list cannot be read")]
    [InlineData("hash family", "only SHA2 is supported")]
    [InlineData("TLS root is no authority", "of its TLS certificates")]
    [InlineData("no name", "an MSP id is not empty")]
    public void A_provider_that_is_not_whole_is_refused(string what, string reason)
    {
        using TestAuthority stranger = TestAuthority.Root("ca.stranger");
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        switch (what)
        {
            case "no root": config.RootCerts.Clear(); break;
            case "root is no authority": config.RootCerts.Add(_root.Issue("somebody").Pem); break;
            case "stray intermediate": config.IntermediateCerts.Add(stranger.Intermediate("ica").Pem); break;
            case "no administrators": config.FabricNodeOus.AdminOuIdentifier = null; break;
            case "administrator is a peer": config.Admins.Add(_root.Issue("peer0", "peer").Pem); break;
            case "administrator of another": config.Admins.Add(stranger.Issue("admin", "admin").Pem); break;
            case "unit of a stranger": config.FabricNodeOus.PeerOuIdentifier = stranger.Unit("peer"); break;
            case "unit twice": config.FabricNodeOus.PeerOuIdentifier = _root.Unit("client"); break;
            case "revocation list is garbage": config.RevocationList.Add(ByteString.CopyFromUtf8("0garbage")); break;
            case "hash family": config.CryptoConfig = new FabricCryptoConfig { SignatureHashFamily = "SHA3" }; break;
            case "TLS root is no authority": config.TlsRootCerts.Add(_root.Issue("server").Pem); break;
            case "no name": config.Name = ""; break;
            default: throw new ArgumentException(what);
        }

        bool created = Msp.TryCreate(config, MspRules.Fabric143, out Msp? msp, out string? fault);

        Assert.False(created);
        Assert.Null(msp);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_rules_know_no_administrators_or_orderers_by_unit()
    {
        FabricMSPConfig config = _root.ToConfig("Org1MSP");
        config.Admins.Add(_root.Issue("root", "client").Pem);
        Msp msp = Create(config, MspRules.Fabric13);

        Assert.Contains("gives it a role", Refuse(msp, _root.Issue("o", "orderer")), StringComparison.Ordinal);
        Assert.Equal(NodeRole.Peer, Resolve(msp, _root.Issue("p", "peer")).Role);
    }

    [Fact]
    public void An_authority_with_an_RSA_key_may_issue_and_an_identity_with_one_is_refused()
    {
        using var rsa = new RsaMaterial();
        var config = new FabricMSPConfig
        {
            Name = "Org1MSP",
            RootCerts = { rsa.RootPem },
            FabricNodeOus = Unbound(),
        };
        Msp msp = Create(config);

        Assert.True(msp.TryResolve(rsa.EcdsaMemberPem.Span, out Identity? identity, out string? fault), fault);
        Assert.Equal(NodeRole.Client, identity.Role);
        Assert.False(msp.TryResolve(rsa.RsaMemberPem.Span, out _, out fault));
        Assert.Contains("neither ECDSA", fault, StringComparison.Ordinal);
    }

    private static FabricNodeOUs Unbound() => new()
    {
        Enable = true,
        ClientOuIdentifier = new FabricOUIdentifier { OrganizationalUnitIdentifier = "client" },
        PeerOuIdentifier = new FabricOUIdentifier { OrganizationalUnitIdentifier = "peer" },
        AdminOuIdentifier = new FabricOUIdentifier { OrganizationalUnitIdentifier = "admin" },
    };

    private static Msp Create(FabricMSPConfig config) => Create(config, MspRules.Fabric143);

    private static Msp Create(FabricMSPConfig config, MspRules rules)
    {
        Assert.True(Msp.TryCreate(config, rules, out Msp? msp, out string? fault), fault);
        return msp;
    }

    private static Identity Resolve(Msp msp, TestMember member)
    {
        Assert.True(msp.TryResolve(member.Pem.Span, out Identity? identity, out string? fault), fault);
        return identity;
    }

    private static string Refuse(Msp msp, TestMember member)
    {
        Assert.False(msp.TryResolve(member.Pem.Span, out _, out string? fault));
        return fault ?? "";
    }

    private static byte[] FlipLastByte(byte[] der)
    {
        byte[] flipped = [.. der];
        flipped[^1] ^= 1;
        return flipped;
    }

    // Replaces s by n - s in the issuer's signature, which anybody can do.
    private static byte[] WithHighS(byte[] der)
    {
        Certificate certificate = TestAuthority.Read(der);
        var reader = new System.Formats.Asn1.AsnReader(certificate.Signature, System.Formats.Asn1.AsnEncodingRules.DER);
        System.Formats.Asn1.AsnReader pair = reader.ReadSequence();
        var order = new System.Numerics.BigInteger(EcCurve.P256.Order, isUnsigned: true, isBigEndian: true);
        var signature = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (signature.PushSequence())
        {
            signature.WriteInteger(pair.ReadInteger());
            signature.WriteInteger(order - pair.ReadInteger());
        }

        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(certificate.ToBeSigned.Span);
            writer.WriteEncodedValue(certificate.SchemeEncoded.Span);
            writer.WriteBitString(signature.Encode());
        }

        return writer.Encode();
    }
}
