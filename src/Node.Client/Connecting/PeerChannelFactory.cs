using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Node.Membership.Certificates;
using Node.Protocol;

namespace Node.Client.Connecting;

/// <summary>Opens gRPC channels to peers, with TLS roots of the network instead of the machine's.</summary>
internal static class PeerChannelFactory
{
    /// <summary>A block of the usual size arrives without a pause.</summary>
    private const int StreamWindowBytes = 1 << 20;

    public static GrpcChannel Create(GatewayOptions options)
    {
        bool secure = options.TlsRootsPem is not null;
        var transport = new SocketsHttpHandler
        {
            // Beyond the streams that the peer allows on one connection, a second one opens.
            EnableMultipleHttp2Connections = true,

            // None of these means anything to gRPC, and each costs every call something.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(60),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        if (secure)
            transport.SslOptions = SslOptionsOf(options);

        return GrpcChannel.ForAddress((secure ? "https://" : "http://") + options.Endpoint, new GrpcChannelOptions
        {
            HttpHandler = transport,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
            MaxSendMessageSize = Limits.GrpcMessageBytesMax,
        });
    }

    private static SslClientAuthenticationOptions SslOptionsOf(GatewayOptions options)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(options.TlsRootsPem);
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            ClientCertificates = options.TlsClientCertificate is null ? null : [options.TlsClientCertificate],
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                IsTrusted(certificate, errors, options.ServerName)
                    ? true
                    : throw new AuthenticationException(FaultOf(certificate as X509Certificate2, chain, errors)),
        };
    }

    // "Rejected by the callback" helps nobody.
    private static string FaultOf(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
            return "the server presented no TLS certificate";

        return TlsChainFaults.FaultOfTimes(chain, TimeProvider.System.GetUtcNow())
            ?? TlsChainFaults.FaultOfTrust(chain, certificate)
            ?? $"{TlsChainFaults.NameOf(certificate)} does not hold: {errors}";
    }

    // The platform has checked the chain against our roots and the name against the endpoint's host. Where another name
    // was asked for, only a mismatch of the latter may be answered by checking that one.
    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, string? serverName)
    {
        if (serverName is null)
            return errors == SslPolicyErrors.None;

        return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
            && certificate is X509Certificate2 leaf
            && leaf.MatchesHostname(serverName);
    }
}
