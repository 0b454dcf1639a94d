using Node.Ca.Tests.Building;
using Node.Client.Enrolling;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Protocol;
using Node.Testing.Time;

namespace Node.Ca.Tests;

/// <summary>The SDK's client against a real server, over TLS that it verifies.</summary>
public class SdkTests
{
    private static readonly MspId s_mspId = MspId.Of("Org1MSP");

    [Fact]
    public async Task A_member_is_registered_enrolled_renewed_listed_and_revoked()
    {
        await using TestCa ca = await StartAsync(new TestCaOptions());
        using CertificateAuthority authority = Connect(ca);
        using Enrollment registrar = await authority.EnrollAsync(TestCa.RegistrarId, TestCa.RegistrarSecret);

        string secret = await authority.RegisterAsync(registrar, new Registration
        {
            Id = "sensor7",
            Affiliation = "org1.department1",
            Attributes = [new IdentityAttribute("role", "sensor", Ecert: true)],
        });
        using Enrollment sensor = await authority.EnrollAsync("sensor7", secret);
        Assert.Equal("sensor", sensor.Certificate.Attributes["role"]);
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(ca.Material.Ca, $"{TestCa.Name}-cert.pem")), sensor.ChainPem);

        using Enrollment renewed = await authority.ReenrollAsync(sensor);
        using Enrollment sameKey = await authority.ReenrollAsync(sensor, new EnrollOptions { KeepsKey = true });
        Assert.NotEqual(sensor.KeyToPem(), renewed.KeyToPem());
        Assert.Equal(sensor.KeyToPem(), sameKey.KeyToPem());
        Assert.NotEqual(sensor.Certificate.Number, sameKey.Certificate.Number);

        Assert.Equal(
            ["admin", "sensor7"], (await authority.IdentitiesAsync(registrar)).Select(identity => identity.Id));
        RegisteredIdentity shown = await authority.IdentityAsync(registrar, "sensor7");
        Assert.Equal(("client", "org1.department1", 1), (shown.Type, shown.Affiliation, shown.MaxEnrollments));
        Affiliation tree = await authority.AffiliationsAsync(registrar);
        Assert.Equal(["org1", "org2"], tree.Below.Select(below => below.Name));
        Assert.Equal("org9.lab", (await authority.AddAffiliationAsync(registrar, "org9.lab")).Name);

        RevocationResult revoked = await authority.RevokeAsync(
            registrar, new RevocationOrder { Id = "sensor7", Reason = "keycompromise", WantsList = true });
        Assert.Equal(3, revoked.Certificates.Count);
        Assert.StartsWith("-----BEGIN X509 CRL-----", revoked.ListPem, StringComparison.Ordinal);
        Assert.StartsWith(
            "-----BEGIN X509 CRL-----", await authority.GenerateCrlAsync(registrar), StringComparison.Ordinal);
        IReadOnlyList<PresentedCertificate> valid = await authority.CertificatesAsync(
            registrar, new CertificateFilter { NotRevoked = true });
        Assert.Equal(["admin"], valid.Select(certificate => certificate.CommonName));
    }

    [Fact]
    public async Task A_refusal_comes_with_status_and_code_and_what_may_be_wrong()
    {
        await using TestCa ca = await StartAsync(new TestCaOptions());
        using CertificateAuthority authority = Connect(ca);

        var refused = await Assert.ThrowsAsync<CertificateAuthorityException>(
            () => authority.EnrollAsync(TestCa.RegistrarId, "wrong"));
        Assert.Equal((401, 20), (refused.Status, refused.Code));
        Assert.Contains("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_an_Ed25519_key_is_told_before_anything_is_sent()
    {
        await using TestCa ca = await StartAsync(new TestCaOptions { KeyType = KeyType.Ed25519 });
        using CertificateAuthority authority = Connect(ca);
        using Enrollment registrar = await authority.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret, new EnrollOptions { KeyType = KeyType.Ed25519 });

        var refused = await Assert.ThrowsAsync<CertificateAuthorityException>(() => authority.ReenrollAsync(registrar));
        Assert.Contains("Ed25519", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_under_another_root_is_not_spoken_to()
    {
        await using TestCa ca = await StartAsync(new TestCaOptions());
        await using TestCa other = await StartAsync(new TestCaOptions());
        using var authority = new CertificateAuthority(new CertificateAuthorityOptions
        {
            Address = ca.Address,
            TlsRootsPem = await File.ReadAllTextAsync(other.Material.CaServer.TlsRootFile),
        });
        await Assert.ThrowsAsync<PeerUnreachableException>(
            () => authority.EnrollAsync(TestCa.RegistrarId, TestCa.RegistrarSecret));
    }

    // registerAdmin and registerUser of the original's client.
    [Fact]
    public async Task A_wallet_registers_the_admin_once_and_users_with_it()
    {
        await using TestCa ca = await StartAsync(new TestCaOptions());
        using CertificateAuthority authority = Connect(ca);
        Wallet wallet = Wallet.Open(Path.Combine(ca.Folder, "wallet"));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => wallet.RegisterUserAsync(authority, new Registration { Id = "Peer0" }, s_mspId));

        Assert.True(await wallet.RegisterAdminAsync(authority, TestCa.RegistrarId, TestCa.RegistrarSecret, s_mspId));
        Assert.False(await wallet.RegisterAdminAsync(authority, TestCa.RegistrarId, "not needed", s_mspId));
        await wallet.RegisterUserAsync(
            authority, new Registration { Id = "Peer0", Affiliation = "org1.department1" }, s_mspId);

        Assert.Equal(["Peer0", "admin"], wallet.Names);
        Assert.True(wallet.TryGet("Peer0", out WalletIdentity? user, out string? fault), fault);
        using (user)
            Assert.Equal((s_mspId, "Peer0"), (user.MspId, user.Enrollment.Id));
    }

    private static Task<TestCa> StartAsync(TestCaOptions options) =>
        TestCa.StartAsync(options with { Clock = new ManualClock(TimeProvider.System.GetUtcNow()) });

    private static CertificateAuthority Connect(TestCa ca) => new(new CertificateAuthorityOptions
    {
        Address = new Uri($"https://localhost:{ca.Port}"),
        TlsRootsPem = File.ReadAllText(ca.Material.CaServer.TlsRootFile),
    });
}
