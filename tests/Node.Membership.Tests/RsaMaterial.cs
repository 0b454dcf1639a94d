using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;

namespace Node.Membership.Tests;

/// <summary>An RSA authority with members, written by the framework's own certificate writer.</summary>
internal sealed class RsaMaterial : IDisposable
{
    private readonly RSA _rootKey = RSA.Create(2048);
    private readonly X509Certificate2 _root;

    public RsaMaterial()
    {
        var request = new CertificateRequest(
            "CN=ca.rsa", _rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _root = request.CreateSelfSigned(TestAuthority.Epoch, TestAuthority.Epoch.AddYears(10));

        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using RSA rsa = RSA.Create(2048);
        EcdsaMemberPem = Issue(new CertificateRequest(
            new X500DistinguishedName("CN=member, OU=client"), new PublicKey(ecdsa), HashAlgorithmName.SHA256));
        RsaMemberPem = Issue(new CertificateRequest(
            new X500DistinguishedName("CN=member, OU=client"), new PublicKey(rsa), HashAlgorithmName.SHA256));
    }

    public ByteString RootPem => Pem(_root);

    public ByteString EcdsaMemberPem { get; }

    public ByteString RsaMemberPem { get; }

    public void Dispose()
    {
        _root.Dispose();
        _rootKey.Dispose();
    }

    private ByteString Issue(CertificateRequest request)
    {
        using X509Certificate2 member = request.Create(
            _root.SubjectName,
            X509SignatureGenerator.CreateForRSA(_rootKey, RSASignaturePadding.Pkcs1),
            TestAuthority.Epoch,
            TestAuthority.Epoch.AddYears(1),
            [1, 2, 3]);
        return Pem(member);
    }

    private static ByteString Pem(X509Certificate2 certificate) =>
        ByteString.CopyFrom(certificate.ExportCertificatePem(), Encoding.UTF8);
}
