using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;

namespace Node.Testing;

/// <summary>HTTP to a node of a test network on this machine.</summary>
public static class TlsTransport
{
    /// <param name="rootFile">PEM of the TLS root that the node's certificate chains to; no other is trusted.</param>
    /// <param name="member">Whose TLS certificate is presented; null presents none.</param>
    public static SocketsHttpHandler To(string rootFile, MemberLayout? member)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(rootFile);
        var tls = new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy };
        if (member is not null)
        {
            // The context sends the certificate whatever authorities the server names.
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(member.TlsCertificateFile, member.TlsKeyFile),
                additionalCertificates: null, offline: true);
        }

        return new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = tls };
    }
}
