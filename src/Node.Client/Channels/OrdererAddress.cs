using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;

namespace Node.Client.Channels;

/// <summary>Where an orderer is found, and how to recognise it.</summary>
/// <param name="TlsRootsPem">What its certificate must chain to.</param>
public sealed record OrdererAddress(string Host, int Port, string TlsRootsPem)
{
    public override string ToString() => $"{Host}:{Port}";

    /// <param name="client">Presented to it; null presents nothing.</param>
    internal SslClientAuthenticationOptions TlsFor(MemberLayout? client)
    {
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        chain.CustomTrustStore.ImportFromPem(TlsRootsPem);
        var tls = new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = chain };
        if (client is not null)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(client.TlsCertificateFile, client.TlsKeyFile),
                additionalCertificates: null,
                offline: true);
        }

        return tls;
    }
}
