using Node.Client.Enrolling;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Client.Tests;

/// <summary>Where certificates and keys are kept: wallets, and users' folders.</summary>
public sealed class WalletTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly MspId s_mspId = MspId.Of("Org1MSP");
    private readonly TemporaryFolder _folder = new();
    private readonly OrganizationLayout _organization;

    public WalletTests()
    {
        MaterialGenerator.Generate(
            NetworkTopology.Default(1, 17050, KeyType.P256).ToCryptoConfig(), _folder.File("crypto-config"),
            KeyType.P256, TimeProvider.System);
        _organization = new MaterialLayout(_folder.File("crypto-config")).PeerOrganization("org1.example.com");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_put_into_a_wallet_comes_out_and_nobody_else_reads_it()
    {
        using Enrollment user = Load("User1");
        Wallet wallet = Wallet.Open(_folder.File("wallet"));
        wallet.Put("me", s_mspId, user);

        Assert.True(
            Wallet.Open(_folder.File("wallet")).TryGet("me", out WalletIdentity? got, out string? fault), fault);
        using (got)
        {
            Assert.Equal(user.CertificatePem, got.Enrollment.CertificatePem);
            Assert.True(got.Enrollment.Certificate.Verifies("message"u8, got.Enrollment.Sign("message"u8)));
        }

        Assert.Equal(OwnerOnly, new FileInfo(_folder.File("wallet/me.id")).UnixFileMode);
        wallet.Remove("me");
        Assert.False(wallet.TryGet("me", out _, out fault));
        Assert.Contains("holds no identity me", fault, StringComparison.Ordinal);
    }

    // As fabric-network's FileSystemWallet writes it.
    [Fact]
    public void An_identity_of_Fabrics_Node_SDK_is_read()
    {
        using Enrollment user = Load("User1");
        string file = System.Text.Json.JsonSerializer.Serialize(new
        {
            credentials = new { certificate = user.CertificatePem, privateKey = user.KeyToPem().Replace("\n", "\r\n") },
            mspId = "Org1MSP",
            type = "X.509",
            version = 1,
        });
        Directory.CreateDirectory(_folder.File("wallet"));
        File.WriteAllText(_folder.File("wallet/theirs.id"), file);

        Assert.True(
            Wallet.Open(_folder.File("wallet")).TryGet("theirs", out WalletIdentity? got, out string? fault), fault);
        using (got)
            Assert.Equal("User1@org1.example.com", got.Enrollment.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"credentials": {}, "mspId": "Org1MSP", "type": "X.509"}""")]
    [InlineData("""{"credentials": {"certificate": "x", "privateKey": "y"}, "mspId": "Org1MSP", "type": "X.509"}""")]
    [InlineData("""{"credentials": {"certificate": "x", "privateKey": "y"}, "mspId": "Org1MSP", "type": "HSM"}""")]
    [InlineData("""{"credentials": {"certificate": 7, "privateKey": "y"}, "mspId": "", "type": "X.509"}""")]
    public void A_file_that_is_no_identity_is_told(string text)
    {
        Wallet wallet = Wallet.Open(_folder.File("wallet"));
        File.WriteAllText(_folder.File("wallet/bad.id"), text);
        Assert.False(wallet.TryGet("bad", out _, out string? fault));
        Assert.Contains("bad.id is no identity", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void A_name_that_no_file_should_have_is_refused(string name)
    {
        Wallet wallet = Wallet.Open(_folder.File("wallet"));
        Assert.Throws<ArgumentException>(() => wallet.Has(name));
        Assert.False(MemberFolder.TryOpen(_organization, name, out _, out string? fault));
        Assert.Contains("cannot be a user's name", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_members_folder_makes_a_user_of_the_network()
    {
        NetworkTopology.WriteDefault(_folder.File(NetworkTopology.FileName), 1, 17050, KeyType.P256);
        using Enrollment user = Load("User1");
        MemberFolder folder = Open("newcomer");
        Assert.False(folder.Exists);

        Assert.Null(folder.Write(user));

        using Gateway gateway = Gateway.FromNetworkFolder(_folder.Path, "org1", "newcomer");
        Assert.Equal("Org1MSP", gateway.Identity.MspId.Value);
        string key = Path.Combine(_organization.User("newcomer").Msp, "keystore", "priv_sk");
        Assert.Equal(OwnerOnly, new FileInfo(key).UnixFileMode);
        Assert.True(File.Exists(_organization.User("newcomer").TlsRootFile));
        Assert.True(File.Exists(Path.Combine(_organization.User("newcomer").Msp, "config.yaml")));
    }

    [Fact]
    public void A_new_certificate_takes_the_place_of_the_old_one_which_is_kept()
    {
        using Enrollment first = Load("User1");
        using Enrollment second = Load("Admin");
        MemberFolder folder = Open("u");
        folder.Write(first);

        string? old = folder.Write(second);

        Assert.NotNull(old);
        Assert.Equal(first.CertificatePem, File.ReadAllText(Path.Combine(old, "cert.pem")));
        Assert.Equal(first.KeyToPem(), File.ReadAllText(Path.Combine(old, "priv_sk")));
        Assert.Equal(OwnerOnly, new FileInfo(Path.Combine(old, "priv_sk")).UnixFileMode);
        AssertHolds("u", second);
        Assert.Equal(["priv_sk"], NamesIn("u", "keystore"));
        Assert.Equal(["u@org1.example.com-cert.pem"], NamesIn("u", "signcerts"));
    }

    // A renewal that died behind its first or its second step: both keys are there, and one belongs.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_renewal_that_was_cut_short_leaves_a_user_that_works(bool certificateToo)
    {
        using Enrollment first = Load("User1");
        using Enrollment second = Load("Admin");
        Open("u").Write(first);
        string msp = _organization.User("u").Msp;
        File.WriteAllText(Path.Combine(msp, "keystore", "next_sk"), second.KeyToPem());
        if (certificateToo)
            File.WriteAllText(Path.Combine(msp, "signcerts", "u@org1.example.com-cert.pem"), second.CertificatePem);

        AssertHolds("u", certificateToo ? second : first);
        Open("u").Write(second);
        AssertHolds("u", second);
        Assert.Equal(["priv_sk"], NamesIn("u", "keystore"));
    }

    [Fact]
    public void A_certificate_with_another_ones_key_is_refused()
    {
        using Enrollment user = Load("User1");
        using Enrollment admin = Load("Admin");
        Assert.False(Enrollment.TryCreate(user.CertificatePem, admin.KeyToPem(), "", out _, out string? fault));
        Assert.Contains("does not belong", fault, StringComparison.Ordinal);
    }

    private void AssertHolds(string user, Enrollment expected)
    {
        string msp = _organization.User(user).Msp;
        Assert.True(SigningIdentity.TryLoad(s_mspId, msp, out SigningIdentity? identity, out string? fault), fault);
        using (identity)
            Assert.Equal(expected.Certificate.Der.ToArray(), identity.CertificateDer.ToArray());
    }

    private IEnumerable<string> NamesIn(string user, string name) =>
        Directory.GetFiles(Path.Combine(_organization.User(user).Msp, name)).Select(path => Path.GetFileName(path));

    private MemberFolder Open(string name) =>
        MemberFolder.TryOpen(_organization, name, out MemberFolder? folder, out string? fault)
            ? folder
            : throw new InvalidOperationException(fault);

    private Enrollment Load(string user) =>
        Open(user).TryLoad(out Enrollment? enrollment, out string? fault)
            ? enrollment
            : throw new InvalidOperationException(fault);
}
