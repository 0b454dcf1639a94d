using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Membership.Material;

namespace Node.Ca.Tests;

/// <summary>Members made by the material generator, beside an authority that has the same key.</summary>
public class MemberImportTests
{
    private const string UserId = "User1@org1.example.com";

    [Fact]
    public async Task Members_made_with_the_network_are_known_renewed_and_revoked()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { TakesMembers = true });
        Member registrar = await ca.RegistrarAsync();
        Answer list = await registrar.GetAsync("identities");
        Assert.Equal(
            ["Admin@org1.example.com admin", $"{UserId} client", "admin client"],
            list.Result.GetProperty("identities").EnumerateArray()
                .Select(one => $"{one.GetProperty("id").GetString()} {one.GetProperty("type").GetString()}"));

        // Renewal keeps the enrolment id that its records carry.
        Member user = Load(ca, "User1");
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        PresentedCertificate renewed = (await user.PostAsync("reenroll", Bodies.Enroll(key, UserId))).Certificate();
        Assert.Equal((UserId, "User1"), (renewed.CommonName, renewed.Attributes["hf.EnrollmentID"]));
        Assert.Contains("client", renewed.OrganizationalUnits);
        Assert.Equal("403 71", (await user.GetAsync("identities")).Brief);
        Assert.Equal("401 20", (await ca.EnrollAsync(UserId, "any secret", Bodies.Enroll(key, UserId))).Brief);

        Answer revoked = await registrar.PostAsync("revoke", $$"""{"id": "{{UserId}}"}""");
        Assert.Equal(3, revoked.Result.GetProperty("RevokedCerts").GetArrayLength());   // Both, and the one for TLS.
        Assert.Equal("401 20", (await user.PostAsync("reenroll", Bodies.Enroll(key, UserId))).Brief);
    }

    [Fact]
    public async Task A_revoked_member_stays_revoked_after_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        try
        {
            var options = new TestCaOptions { Folder = folder, TakesMembers = true };
            Member registrar;
            await using (TestCa first = await TestCa.StartAsync(options))
            {
                registrar = await first.RegistrarAsync();
                await registrar.PostAsync("revoke", $$"""{"id": "{{UserId}}"}""");
                await first.StopAsync();
            }

            await using TestCa second = await TestCa.StartAsync(options with { Registrar = null });
            Assert.Equal("401 20", (await Load(second, "User1").PostAsync("reenroll", "{}")).Brief);
            var again = new Member(second, registrar.Certificate, registrar.Key);
            Answer valid = await again.GetAsync($"certificates?id={UserId}&notrevoked=true");
            Assert.Equal(0, valid.Result.GetProperty("certs").GetArrayLength());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Files of other authorities, of nobody, and of the authority itself lie there too.
    [Fact]
    public async Task What_is_not_this_authoritys_is_passed_over()
    {
        string folder = Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        string other = Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        try
        {
            TestCa.WriteMaterial(folder, KeyType.P256, TimeProvider.System);
            TestCa.WriteMaterial(other, KeyType.P256, TimeProvider.System);
            OrganizationLayout layout = new MaterialLayout(folder).PeerOrganization("org1.example.com");
            OrganizationLayout stranger = new MaterialLayout(other).PeerOrganization("org1.example.com");
            Put(layout, "stranger", Directory.GetFiles(Path.Combine(stranger.User("Admin").Msp, "signcerts"))[0]);
            Put(layout, "ca", Path.Combine(layout.Ca, $"{TestCa.Name}-cert.pem"));
            await File.WriteAllTextAsync(Path.Combine(Folder(layout, "nobody"), "none.pem"), "no certificate");

            await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { Folder = folder, TakesMembers = true });
            Answer list = await (await ca.RegistrarAsync()).GetAsync("identities");
            Assert.Equal(3, list.Result.GetProperty("identities").GetArrayLength());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Directory.Delete(other, recursive: true);
        }
    }

    private static void Put(OrganizationLayout layout, string user, string certificate) =>
        File.Copy(certificate, Path.Combine(Folder(layout, user), "cert.pem"));

    private static string Folder(OrganizationLayout layout, string user) =>
        Directory.CreateDirectory(Path.Combine(layout.User(user).Msp, "signcerts")).FullName;

    private static Member Load(TestCa ca, string user)
    {
        string msp = ca.Material.User(user).Msp;
        byte[] pem = File.ReadAllBytes(Directory.GetFiles(Path.Combine(msp, "signcerts"))[0]);
        string keyPem = File.ReadAllText(Path.Combine(msp, "keystore", "priv_sk"));
        Assert.True(
            PresentedCertificate.TryReadPem(pem, out PresentedCertificate? certificate, out string? fault), fault);
        Assert.True(EnrollmentKey.TryFromPem(keyPem, out EnrollmentKey? key, out fault), fault);
        return new Member(ca, certificate, key);
    }
}
