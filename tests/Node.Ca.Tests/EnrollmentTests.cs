using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;

namespace Node.Ca.Tests;

public class EnrollmentTests
{
    private const string ClientAndServer = "1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2";

    [Theory]
    [InlineData("", "DigitalSignature", "", 8760)]
    [InlineData("default", "DigitalSignature", "", 8760)]
    [InlineData("tls", "KeyAgreement, KeyEncipherment, DigitalSignature", ClientAndServer, 8760)]
    [InlineData("ca", "CrlSign, KeyCertSign", "", 43_800)]
    public async Task A_profile_decides_what_a_certificate_is_for(
        string profile, string usages, string purposes, int hours)
    {
        await using TestCa ca = await TestCa.StartAsync();
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Answer answer = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret,
            Bodies.Enroll(key, TestCa.RegistrarId, $", \"profile\": \"{profile}\""));

        PresentedCertificate issued = answer.Certificate();
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(issued.Der.Span);
        var usage = read.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.Equal(usages, usage.KeyUsages.ToString());
        Assert.True(usage.Critical);
        Assert.Equal(purposes, string.Join(' ', read.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(one => one.EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value))));
        var constraints = read.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.Equal(profile == "ca", constraints.CertificateAuthority);
        Assert.Equal(profile == "ca", constraints is { HasPathLengthConstraint: true, PathLengthConstraint: 0 });
        Assert.Equal(TestCa.Epoch.AddMinutes(-15), issued.NotBefore);
        Assert.Equal(TestCa.Epoch.AddMinutes(-15).AddHours(hours), issued.NotAfter);
    }

    [Fact]
    public async Task A_certificate_chains_to_the_CA_and_names_both_keys()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();

        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(
            Path.Combine(ca.Material.Ca, $"{TestCa.Name}-cert.pem"));
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(registrar.Certificate.Der.Span);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = TestCa.Epoch.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;

        Assert.True(chain.Build(leaf), string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation)));
        string rootKeyId = root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifier!;
        Assert.Equal(rootKeyId.TrimStart('0').ToLowerInvariant(), registrar.Certificate.Number.AuthorityKeyId);
        Assert.Single(leaf.Extensions.OfType<X509SubjectKeyIdentifierExtension>());
    }

    [Fact]
    public async Task The_subject_is_the_id_with_role_and_affiliation_as_units()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync(
            "peer7", ", \"type\": \"peer\", \"affiliation\": \"org1.department1\"");

        Assert.Equal("peer7", member.Certificate.CommonName);
        Assert.Equal(["department1", "org1", "peer"], member.Certificate.OrganizationalUnits.Order());
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(member.Certificate.Der.Span);
        Assert.Equal(2, read.SubjectName.EnumerateRelativeDistinguishedNames().Count());   // All units, and CN.
    }

    public static TheoryData<string, string> AttributeCases => new()
    {
        { "", "hf.Affiliation= hf.EnrollmentID=u hf.Type=client marked=1" },
        { ", \"attr_reqs\": [{\"name\": \"plain\"}]", "plain=2" },
        { ", \"attr_reqs\": [{\"name\": \"plain\"}, {\"name\": \"marked\"}]", "marked=1 plain=2" },
        { ", \"attr_reqs\": [{\"name\": \"none\", \"optional\": true}]", "" },
        { ", \"attr_reqs\": [{\"name\": \"hf.EnrollmentID\"}]", "hf.EnrollmentID=u" },
        { ", \"attr_reqs\": []", "" },
        { ", \"attr_reqs\": null", "hf.Affiliation= hf.EnrollmentID=u hf.Type=client marked=1" },
        { ", \"attr_reqs\": [{\"name\": \"none\"}]", "400 0" },
    };

    [Theory]
    [MemberData(nameof(AttributeCases))]
    public async Task Attributes_are_those_asked_for_or_those_marked(string wishes, string expected)
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        const string Attributes =
            """, "attrs": [{"name": "marked", "value": "1", "ecert": true}, {"name": "plain", "value": "2"}]""";
        Answer registered = await registrar.PostAsync("register", Bodies.Register("u", Attributes));
        string secret = registered.Result.GetProperty("secret").GetString()!;
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);

        Answer answer = await ca.EnrollAsync("u", secret, Bodies.Enroll(key, "u", wishes));

        string found = answer.Success
            ? string.Join(' ', answer.Certificate().Attributes.OrderBy(one => one.Key, StringComparer.Ordinal)
                .Select(one => $"{one.Key}={one.Value}"))
            : answer.Brief;
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task The_attribute_extension_is_raw_JSON_as_Fabric_reads_it()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync("u", Bodies.Attribute("role", "sensor", ecert: true));

        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(member.Certificate.Der.Span);
        X509Extension extension = read.Extensions["1.2.3.4.5.6.7.8.1"]!;
        Assert.False(extension.Critical);
        Assert.Equal(
            """{"attrs":{"hf.Affiliation":"","hf.EnrollmentID":"u","hf.Type":"client","role":"sensor"}}""",
            Encoding.UTF8.GetString(extension.RawData));
    }

    [Fact]
    public async Task Names_come_from_the_request_or_from_the_hosts_beside_it()
    {
        await using TestCa ca = await TestCa.StartAsync();
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        string request = JsonSerializer.Serialize(key.WriteRequest(TestCa.RegistrarId, ["node.local", "10.0.0.7"]));

        Answer own = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret, $$"""{"certificate_request": {{request}}}""");
        Answer other = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret,
            $$"""{"certificate_request": {{request}}, "hosts": ["other.local", "::1"]}""");

        Assert.Equal("node.local 10.0.0.7", NamesOf(own.Certificate()));
        Assert.Equal("other.local ::1", NamesOf(other.Certificate()));
    }

    [Theory]
    [InlineData("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]   // Earlier than the profile's end.
    [InlineData("2099-01-01T00:00:00Z", "2027-11-20T11:45:00Z")]   // Later: the profile counts.
    [InlineData("0001-01-01T00:00:00Z", "2027-11-20T11:45:00Z")]   // Go's zero time says nothing.
    public async Task A_request_may_end_earlier_and_never_later(string asked, string expected)
    {
        await using TestCa ca = await TestCa.StartAsync();
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Answer answer = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret,
            Bodies.Enroll(key, TestCa.RegistrarId, $", \"NotAfter\": \"{asked}\""));

        Assert.Equal(expected, answer.Certificate().NotAfter.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
    }

    [Fact]
    public async Task No_certificate_outlives_the_CA()
    {
        await using TestCa ca = await TestCa.StartAsync();
        ca.Clock.Advance(TimeSpan.FromDays(3652 - 30));
        Member late = await ca.RegistrarAsync();
        Assert.Equal(TestCa.Epoch.AddMinutes(-15).AddDays(3652), late.Certificate.NotAfter);

        ca.Clock.Advance(TimeSpan.FromDays(31));
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Answer tooLate = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret, Bodies.Enroll(key, TestCa.RegistrarId));
        Assert.Equal("400 5", tooLate.Brief);
    }

    [Theory]
    [InlineData("/api/v1/cainfo", TestCa.Name)]
    [InlineData("/cainfo", TestCa.Name)]
    [InlineData("/cainfo?ca=ca.org1.example.com", TestCa.Name)]
    [InlineData("/api/v1/cainfo?ca=tlsca.org1.example.com", TestCa.TlsName)]
    public async Task The_CA_tells_of_itself_without_authentication(string target, string name)
    {
        await using TestCa ca = await TestCa.StartAsync();
        Answer answer = await ca.GetAsync(target);

        Assert.Equal("200", answer.Brief);
        Assert.Equal(name, answer.Result.GetProperty("CAName").GetString());
        string chain = Encoding.UTF8.GetString(answer.Result.GetProperty("CAChain").GetBytesFromBase64());
        string folder = name == TestCa.Name ? ca.Material.Ca : ca.Material.TlsCa;
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(folder, $"{name}-cert.pem")), chain);
        Assert.Equal("", answer.Result.GetProperty("IssuerPublicKey").GetString());
        Assert.Equal("", answer.Result.GetProperty("IssuerRevocationPublicKey").GetString());
        Assert.Equal("""[] []""", $"{answer.Json.GetProperty("errors")} {answer.Json.GetProperty("messages")}");
    }

    [Fact]
    public async Task The_TLS_authority_issues_to_whom_the_enrolment_authority_knows()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Answer answer = await registrar.PostAsync(
            "reenroll", Bodies.Enroll(key, registrar.Id, $", \"profile\": \"tls\", \"caname\": \"{TestCa.TlsName}\""));

        using X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(
            Path.Combine(ca.Material.TlsCa, $"{TestCa.TlsName}-cert.pem"));
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(answer.Certificate().Der.Span);
        Assert.Equal(root.Subject, leaf.Issuer);

        // Its certificates authenticate nobody: they are for connections.
        var stranger = new Member(ca, answer.Certificate(), key);
        Assert.Equal("401 20", (await stranger.GetAsync("identities")).Brief);
    }

    [Fact]
    public async Task An_Ed25519_CA_issues_for_both_kinds_of_key_and_says_which_has_no_token()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { KeyType = KeyType.Ed25519 });
        Member registrar = await ca.RegistrarAsync();
        Assert.Equal("200", (await registrar.GetAsync("identities")).Brief);

        Answer registered = await registrar.PostAsync("register", Bodies.Register("edge"));
        Member edge = await ca.EnrollAsync(
            "edge", registered.Result.GetProperty("secret").GetString()!, KeyType.Ed25519);
        Assert.False(edge.Certificate.CanSignTokens);
        Assert.True(edge.Certificate.Verifies("a message"u8, edge.Key.Sign("a message"u8)));

        Answer refused = await edge.GetAsync("identities");
        Assert.Equal("401 20", refused.Brief);
        Assert.Contains("no token form", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewal_gives_a_new_certificate_and_leaves_the_old_one_valid()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        ca.Clock.Advance(TimeSpan.FromDays(300));
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        var renewed = new Member(
            ca, (await registrar.PostAsync("reenroll", Bodies.Enroll(key, registrar.Id))).Certificate(), key);

        Assert.True(renewed.Certificate.NotAfter > registrar.Certificate.NotAfter);
        Assert.Equal("200", (await renewed.GetAsync("identities")).Brief);
        Assert.Equal("200", (await registrar.GetAsync("identities")).Brief);

        ca.Clock.Advance(TimeSpan.FromDays(100));
        Assert.Equal("401 20", (await registrar.GetAsync("identities")).Brief);
        Assert.Equal("200", (await renewed.GetAsync("identities")).Brief);
    }

    [Theory]
    [InlineData(false, "401 20")]
    [InlineData(true, "201")]
    public async Task An_expired_certificate_renews_itself_only_where_that_is_allowed(bool allowed, string expected)
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { RenewsExpired = allowed });
        Member registrar = await ca.RegistrarAsync();
        ca.Clock.Advance(TimeSpan.FromDays(366));
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);

        Assert.Equal(
            expected, (await registrar.PostAsync("reenroll", Bodies.Enroll(key, registrar.Id))).Brief);
        Assert.Equal("401 20", (await registrar.GetAsync("identities")).Brief);
    }

    private static string NamesOf(PresentedCertificate certificate)
    {
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(certificate.Der.Span);
        var names = read.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        return string.Join(
            ' ', names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(one => one.ToString())));
    }
}
