using System.Text;
using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;
using Node.Protocol.Wire.Msp;

namespace Node.Membership.Tests;

/// <summary>A certificate authority in memory that issues whatever a test asks for, right or wrong.</summary>
internal sealed class TestAuthority : IDisposable
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly SigningKey _key;

    private TestAuthority(byte[] der, SigningKey key)
    {
        _key = key;
        Der = der;
        Certificate = Read(der);
        Issuer = new CertificateIssuer(Certificate, key);
    }

    public byte[] Der { get; }

    public Certificate Certificate { get; }

    public CertificateIssuer Issuer { get; }

    public ByteString Pem => PemOf(Der);

    public static TestAuthority Root(string name) => Root(name, KeyType.P256);

    public static TestAuthority Root(string name, KeyType keyType)
    {
        SigningKey key = SigningKey.Create(keyType);
        return new TestAuthority(CertificateIssuer.IssueRoot(AuthorityContent(name), key), key);
    }

    public static TestAuthority Root(CertificateContent content)
    {
        SigningKey key = SigningKey.Create(KeyType.P256);
        return new TestAuthority(CertificateIssuer.IssueRoot(content, key), key);
    }

    public static CertificateContent AuthorityContent(string name) =>
        new(new SubjectParts(name), Epoch, Epoch.AddYears(10)) { IsAuthority = true };

    public static CertificateContent MemberContent(string name, params string[] units) =>
        new(new SubjectParts(name) { OrganizationalUnits = units }, Epoch, Epoch.AddYears(1));

    public TestAuthority Intermediate(string name) => Intermediate(AuthorityContent(name));

    public TestAuthority Intermediate(CertificateContent content)
    {
        SigningKey key = SigningKey.Create(KeyType.P256);
        return new TestAuthority(Issuer.Issue(content, key.SubjectPublicKeyInfo), key);
    }

    public TestMember Issue(string name, params string[] units) => Issue(MemberContent(name, units), KeyType.P256);

    public TestMember Issue(CertificateContent content, KeyType keyType)
    {
        SigningKey key = SigningKey.Create(keyType);
        return new TestMember(Issuer.Issue(content, key.SubjectPublicKeyInfo), key);
    }

    public ByteString Revoke(params TestMember[] members) => ByteString.CopyFromUtf8(Certificates.Pem.Encode(
        Certificates.Pem.RevocationListLabel,
        Issuer.IssueRevocationList(members.Select(member => Read(member.Der).SerialNumber), Epoch)));

    /// <summary>A provider with this root and NodeOUs under the usual names.</summary>
    public FabricMSPConfig ToConfig(string mspId) => new()
    {
        Name = mspId,
        RootCerts = { Pem },
        FabricNodeOus = new FabricNodeOUs
        {
            Enable = true,
            ClientOuIdentifier = Unit("client"),
            PeerOuIdentifier = Unit("peer"),
            AdminOuIdentifier = Unit("admin"),
            OrdererOuIdentifier = Unit("orderer"),
        },
    };

    public FabricOUIdentifier Unit(string name) => new() { Certificate = Pem, OrganizationalUnitIdentifier = name };

    public void Dispose() => _key.Dispose();

    public static Certificate Read(byte[] der)
    {
        Assert.True(Certificate.TryRead(der, out Certificate? certificate, out string? fault), fault);
        return certificate;
    }

    public static ByteString PemOf(byte[] der) =>
        ByteString.CopyFrom(Certificates.Pem.Encode(Certificates.Pem.CertificateLabel, der), Encoding.UTF8);
}

/// <summary>A certificate with its key.</summary>
internal sealed record TestMember(byte[] Der, SigningKey Key) : IDisposable
{
    public ByteString Pem => TestAuthority.PemOf(Der);

    public SigningIdentity ToSigner(string mspId)
    {
        Assert.True(
            SigningIdentity.TryFromPem(
                MspId.Of(mspId), Pem.ToStringUtf8(), Key.ExportPem(), out SigningIdentity? signer, out string? fault),
            fault);
        return signer;
    }

    public void Dispose() => Key.Dispose();
}
