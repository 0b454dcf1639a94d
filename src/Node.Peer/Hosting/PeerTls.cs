using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Node.Peer.Hosting;

/// <summary>The server side of TLS: own certificate, and what is asked of clients.</summary>
internal static class PeerTls
{
    /// <summary>Certificate and key of this node.</summary>
    public static X509Certificate2 Load(TlsFiles files) =>
        X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);

    /// <param name="clientRoots">
    /// PEM certificates that client certificates must chain to, when one is required; read per connection.
    /// </param>
    public static HttpsConnectionAdapterOptions ToServerOptions(
        TlsFiles files, X509Certificate2 own, Func<IReadOnlyList<ReadOnlyMemory<byte>>> clientRoots) => new()
        {
            ServerCertificate = own,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CheckCertificateRevocation = false,
            ClientCertificateMode = files.ClientCertificateRequired
                ? ClientCertificateMode.RequireCertificate
                : ClientCertificateMode.AllowCertificate,

            // Clients of Fabric present self-signed certificates to bind their deliver requests to: unless one is
            // required it proves nothing here, and is taken as it comes.
            ClientCertificateValidation = (certificate, _, _) =>
                !files.ClientCertificateRequired || ChainsTo(certificate, clientRoots()),
        };

    private static bool ChainsTo(X509Certificate2 certificate, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        var roots = new X509Certificate2Collection();
        foreach (ReadOnlyMemory<byte> pem in rootPems)
            roots.ImportFromPem(Encoding.UTF8.GetString(pem.Span));

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
