using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Node.Protocol;

namespace Node.LyingOrderer;

/// <summary>Reaches the honest orderer that a malicious one stands in front of.</summary>
internal static class UpstreamConnection
{
    /// <param name="upstream">host:port.</param>
    /// <param name="rootFile">PEM of its TLS root; null speaks plaintext.</param>
    public static GrpcChannel Open(string upstream, string? rootFile)
    {
        var transport = new SocketsHttpHandler { UseProxy = false };
        if (rootFile is not null)
            transport.SslOptions.CertificateChainPolicy = TrustOf(rootFile);

        string scheme = rootFile is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        return GrpcChannel.ForAddress(
            new Uri($"{scheme}://{upstream}"),
            new GrpcChannelOptions
            {
                HttpHandler = transport,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
            });
    }

    private static X509ChainPolicy TrustOf(string rootFile)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPemFile(rootFile);
        return policy;
    }
}
