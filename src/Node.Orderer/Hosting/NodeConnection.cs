using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Node.Protocol;

namespace Node.Orderer.Hosting;

/// <summary>How an orderer connects to other nodes and to etcd.</summary>
internal static class NodeConnection
{
    // etcd takes a ping every 5 s at most, Fabric's nodes every minute while there are calls.
    private static readonly TimeSpan s_pingDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(1);

    /// <param name="own">Shown to the server; null shows none.</param>
    /// <param name="roots">What the server's certificate must chain to; null speaks plaintext HTTP/2.</param>
    public static GrpcChannel Open(Uri address, X509Certificate2? own, X509Certificate2Collection? roots)
    {
        var transport = new SocketsHttpHandler
        {
            ConnectTimeout = s_connectTimeout,
            KeepAlivePingDelay = s_pingDelay,
            KeepAlivePingTimeout = s_pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (roots is not null)
            transport.SslOptions = TlsOf(address.Host, own, roots);

        return GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions
            {
                HttpHandler = transport,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
                MaxSendMessageSize = Limits.GrpcMessageBytesMax,
            });
    }

    private static SslClientAuthenticationOptions TlsOf(
        string host, X509Certificate2? own, X509Certificate2Collection roots)
    {
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        chain.CustomTrustStore.AddRange(roots);
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = chain,
        };
        if (own is not null)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);

        return tls;
    }
}
