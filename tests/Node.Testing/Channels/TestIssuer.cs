using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Msp;

namespace Node.Testing.Channels;

/// <summary>An organisation with a root CA in memory, that issues members with NodeOUs and can revoke them.</summary>
public sealed class TestIssuer : IDisposable
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly CertificateRevocationListBuilder _revoked = new();
    private bool _revokedAny;

    public TestIssuer(string name, string mspId)
    {
        Name = name;
        MspId = MspId.Of(mspId);
        var request = new CertificateRequest($"CN=ca.{name}, O={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _root = request.CreateSelfSigned(Epoch.AddYears(-5), Epoch.AddYears(20));
    }

    /// <summary>The key of its group in the channel configuration, such as Org1.</summary>
    public string Name { get; }

    public MspId MspId { get; }

    /// <summary>Issues a member that is valid for ten years.</summary>
    /// <param name="role">The organisational unit: client, peer, admin or orderer.</param>
    public SigningIdentity Issue(string commonName, string role) =>
        Issue(commonName, role, Epoch, Epoch.AddYears(10));

    public SigningIdentity Issue(string commonName, string role, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}, OU={role}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            _root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using X509Certificate2 certificate =
            request.Create(_root, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        bool loaded = SigningIdentity.TryFromPem(
            MspId,
            certificate.ExportCertificatePem(),
            key.ExportPkcs8PrivateKeyPem(),
            out SigningIdentity? member,
            out string? fault);
        return loaded && member is not null ? member : throw new InvalidOperationException(fault);
    }

    /// <summary>From the next <see cref="ToConfig"/> on, the member is on the revocation list.</summary>
    public void Revoke(SigningIdentity member)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(member.CertificateDer.Span);
        _revoked.AddEntry(certificate);
        _revokedAny = true;
    }

    public FabricMSPConfig ToConfig()
    {
        ByteString root = ByteString.CopyFrom(_root.ExportCertificatePem(), Encoding.UTF8);
        var config = new FabricMSPConfig
        {
            Name = MspId.Value,
            RootCerts = { root },
            TlsRootCerts = { root },
            CryptoConfig = new FabricCryptoConfig
            {
                SignatureHashFamily = "SHA2",
                IdentityIdentifierHashFunction = "SHA256",
            },
            FabricNodeOus = new FabricNodeOUs
            {
                Enable = true,
                ClientOuIdentifier = Unit("client"),
                PeerOuIdentifier = Unit("peer"),
                AdminOuIdentifier = Unit("admin"),
                OrdererOuIdentifier = Unit("orderer"),
            },
        };
        if (_revokedAny)
            config.RevocationList.Add(ByteString.CopyFrom(RevocationListPem(), Encoding.UTF8));

        return config;

        FabricOUIdentifier Unit(string name) => new() { Certificate = root, OrganizationalUnitIdentifier = name };
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    private string RevocationListPem()
    {
        byte[] list = _revoked.Build(
            _root,
            crlNumber: 1,
            nextUpdate: Epoch.AddYears(10),
            HashAlgorithmName.SHA256,
            rsaSignaturePadding: null,
            thisUpdate: Epoch);
        return PemEncoding.WriteString("X509 CRL", list);
    }
}
