using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.Hosting.Tls;

/// <summary>Whom a chain of certificates must lead to: our own roots, never the machine's.</summary>
internal static class CertificateChains
{
    /// <param name="rootPems">PEM certificates; none trusts nobody.</param>
    public static X509ChainPolicy PolicyOf(IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        foreach (ReadOnlyMemory<byte> pem in rootPems)
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(pem.Span));

        return policy;
    }
}
