using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Protocol;

namespace Node.Ca.Tests;

public class RevocationTests
{
    [Fact]
    public async Task A_revoked_identity_is_let_in_nowhere()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Answer registered = await registrar.PostAsync("register", Bodies.Register("u", ", \"max_enrollments\": -1"));
        string secret = registered.Result.GetProperty("secret").GetString()!;
        Member member = await ca.EnrollAsync("u", secret);
        Assert.Equal("403 71", (await member.GetAsync("identities")).Brief);   // Believed, without rights.

        Answer revoked = await registrar.PostAsync("revoke", """{"id": "u", "reason": "KeyCompromise"}""");

        Assert.Equal("200", revoked.Brief);
        JsonElement one = Assert.Single(revoked.Result.GetProperty("RevokedCerts").EnumerateArray());
        Assert.Equal(member.Certificate.Number.SerialNumber, one.GetProperty("Serial").GetString());
        Assert.Equal(member.Certificate.Number.AuthorityKeyId, one.GetProperty("AKI").GetString());
        Assert.Equal("", revoked.Result.GetProperty("CRL").GetString());
        Assert.Equal("401 20", (await member.GetAsync("identities")).Brief);
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Assert.Equal("401 20", (await ca.EnrollAsync("u", secret, Bodies.Enroll(key, "u"))).Brief);
        Assert.Equal("401 20", (await member.PostAsync("reenroll", Bodies.Enroll(key, "u"))).Brief);

        // Again is nothing new.
        Answer again = await registrar.PostAsync("revoke", """{"id": "u"}""");
        Assert.Equal(0, again.Result.GetProperty("RevokedCerts").GetArrayLength());
    }

    [Fact]
    public async Task One_certificate_is_revoked_by_its_number_in_any_spelling()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync("u", ", \"max_enrollments\": 2");
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        var renewed = new Member(ca, (await member.PostAsync("reenroll", Bodies.Enroll(key, "u"))).Certificate(), key);
        CertificateNumber number = member.Certificate.Number;
        string spelled = "00:" + string.Join(':', number.SerialNumber.ToUpperInvariant().Chunk(2)
            .Select(pair => new string(pair)));

        Assert.Equal("400 9", (await RevokeAsync(registrar, "admin", spelled, number.AuthorityKeyId)).Brief);
        Assert.Equal("200", (await RevokeAsync(registrar, "u", spelled, number.AuthorityKeyId)).Brief);
        Assert.Equal("404 66", (await RevokeAsync(registrar, "", number.SerialNumber, number.AuthorityKeyId)).Brief);
        Assert.Equal("401 20", (await member.GetAsync("identities")).Brief);
        Assert.Equal("403 71", (await renewed.GetAsync("identities")).Brief);
    }

    [Fact]
    public async Task A_list_is_signed_by_its_authority_and_names_what_was_revoked()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member gone = await registrar.NewMemberAsync("gone");
        Member stays = await registrar.NewMemberAsync("stays");

        Answer revoked = await registrar.PostAsync(
            "revoke", """{"id": "gone", "gencrl": true, "reason": "superseded"}""");
        Answer generated = await registrar.PostAsync("gencrl", "{}");

        foreach (Answer answer in (Answer[])[revoked, generated])
        {
            byte[] pem = answer.Result.GetProperty("CRL").GetBytesFromBase64();
            CertificateRevocationListBuilder list = CertificateRevocationListBuilder.LoadPem(
                System.Text.Encoding.ASCII.GetString(pem), out _);
            Assert.True(list.RemoveEntry(SerialOf(gone)));
            Assert.False(list.RemoveEntry(SerialOf(stays)));
            Assert.False(list.RemoveEntry(SerialOf(registrar)));
        }
    }

    // The list is for peers; what they do with it is theirs to test, that they understand it is ours.
    [Fact]
    public async Task A_peer_that_holds_the_list_refuses_the_revoked_certificate()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member gone = await registrar.NewMemberAsync("gone");
        Member stays = await registrar.NewMemberAsync("stays");
        await registrar.PostAsync("revoke", """{"id": "gone"}""");
        byte[] list = (await registrar.PostAsync("gencrl", "{}")).Result.GetProperty("CRL").GetBytesFromBase64();

        string before = Accepts(ca.Material.Msp, gone, stays);
        Directory.CreateDirectory(Path.Combine(ca.Material.Msp, "crls"));
        await File.WriteAllBytesAsync(Path.Combine(ca.Material.Msp, "crls", "ca-crl.pem"), list);
        string after = Accepts(ca.Material.Msp, gone, stays);

        Assert.Equal("gone:yes stays:yes", before);
        Assert.Equal("gone:no stays:yes", after);
    }

    [Theory]
    [InlineData("{}", 2)]
    [InlineData("""{"revokedafter": "2026-11-20T12:30:00Z"}""", 1)]
    [InlineData("""{"revokedBefore": "2026-11-20T12:30:00Z"}""", 1)]
    [InlineData("""{"revokedafter": "2026-11-20T11:00:00Z", "revokedbefore": "2026-11-20T14:00:00Z"}""", 2)]
    [InlineData("""{"expireafter": "2030-01-01T00:00:00Z"}""", 0)]
    [InlineData("""{"caname": "tlsca.org1.example.com"}""", 0)]
    public async Task A_list_holds_what_lies_within_the_bounds(string body, int entries)
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member first = await registrar.NewMemberAsync("first");
        Member second = await registrar.NewMemberAsync("second");
        await registrar.PostAsync("revoke", """{"id": "first"}""");
        ca.Clock.Advance(TimeSpan.FromHours(1));
        await registrar.PostAsync("revoke", """{"id": "second"}""");
        ca.Clock.Advance(TimeSpan.FromHours(1));

        byte[] pem = (await registrar.PostAsync("gencrl", body)).Result.GetProperty("CRL").GetBytesFromBase64();

        CertificateRevocationListBuilder list = CertificateRevocationListBuilder.LoadPem(
            System.Text.Encoding.ASCII.GetString(pem), out _);
        Assert.Equal(entries, new[] { first, second }.Count(member => list.RemoveEntry(SerialOf(member))));
    }

    [Fact]
    public async Task A_revoker_needs_its_own_right_for_the_list_and_stays_within_its_affiliation()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member revoker = await registrar.NewMemberAsync(
            "revoker", ", \"affiliation\": \"org1\"" + Bodies.Attribute("hf.Revoker", "true"));
        await registrar.NewMemberAsync("inside", ", \"affiliation\": \"org1.department1\"");
        await registrar.NewMemberAsync("outside", ", \"affiliation\": \"org2\"");

        Assert.Equal("403 71", (await revoker.PostAsync("revoke", """{"id": "outside"}""")).Brief);
        Assert.Equal("403 71", (await revoker.PostAsync("revoke", """{"id": "inside", "gencrl": true}""")).Brief);
        Assert.Equal("403 71", (await revoker.PostAsync("gencrl", "{}")).Brief);
        Assert.Equal("200", (await revoker.PostAsync("revoke", """{"id": "inside"}""")).Brief);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?id=u", 2)]
    [InlineData("?id=u&notrevoked=true", 1)]
    [InlineData("?id=nobody", 0)]
    [InlineData("?revoked_start=-1d", 1)]
    [InlineData("?revoked_end=2026-11-20T11:00:00Z", 0)]
    [InlineData("?notexpired=true", 3)]
    [InlineData("?expired_end=now", 0)]
    [InlineData("?expired_end=%2B400d", 3)]
    public async Task Certificates_are_found(string query, int count)
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync("u");
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        await member.PostAsync("reenroll", Bodies.Enroll(key, "u"));
        CertificateNumber number = member.Certificate.Number;
        await RevokeAsync(registrar, "u", number.SerialNumber, number.AuthorityKeyId);

        Answer answer = await registrar.GetAsync($"certificates{query}");

        Assert.Equal(count, answer.Result.GetProperty("certs").GetArrayLength());
        Answer one = await registrar.GetAsync($"certificates?serial={number.SerialNumber}&aki={number.AuthorityKeyId}");
        string pem = Assert.Single(one.Result.GetProperty("certs").EnumerateArray()).GetProperty("PEM").GetString()!;
        Assert.Equal(member.Certificate.ToPem(), pem);
    }

    private static Task<Answer> RevokeAsync(Member revoker, string id, string serial, string keyId) =>
        revoker.PostAsync("revoke", $$"""{"id": "{{id}}", "serial": "{{serial}}", "aki": "{{keyId}}"}""");

    private static byte[] SerialOf(Member member)
    {
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(member.Certificate.Der.Span);
        return read.SerialNumberBytes.ToArray();
    }

    private static string Accepts(string mspFolder, params Member[] members)
    {
        Assert.True(Msp.TryLoadFolder(MspId.Of("Org1MSP"), mspFolder, out Msp? msp, out string? fault), fault);
        return string.Join(' ', members.Select(member =>
        {
            byte[] pem = System.Text.Encoding.ASCII.GetBytes(member.Certificate.ToPem());
            return $"{member.Id}:{(msp.TryResolve(pem, out _, out _) ? "yes" : "no")}";
        }));
    }
}
