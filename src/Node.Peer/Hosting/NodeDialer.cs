using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Net.Client;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>Opens gRPC channels to other nodes with this peer's own TLS identity, and keeps one per node.</summary>
/// <remarks>
/// Any thread. A server must present a certificate that chains to the roots given and carries the host's name.
/// The roots belong to the channel's members, so the machine's own trust store plays no part.
/// </remarks>
internal sealed class NodeDialer : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);
    private readonly X509Certificate2? _own;

    /// <param name="own">Certificate with private key; null speaks plaintext HTTP/2 to everybody.</param>
    public NodeDialer(X509Certificate2? own)
    {
        _own = own;
        TlsCertificateHash = own is null ? default : Hash32.Of(own.RawData).ToArray();
    }

    /// <summary>What deliver requests carry as tls_cert_hash; empty without TLS.</summary>
    public ReadOnlyMemory<byte> TlsCertificateHash { get; }

    /// <summary>The channel to a node. It reconnects by itself; the dialer owns it.</summary>
    /// <param name="rootPems">PEM certificates; the first call for an endpoint and these roots decides.</param>
    public GrpcChannel Dial(string host, int port, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        var roots = new HashCode();
        foreach (ReadOnlyMemory<byte> pem in rootPems)
            roots.AddBytes(pem.Span);

        return _channels.GetOrAdd(
            $"{host}:{port}/{roots.ToHashCode()}",
            static (_, arguments) => new Lazy<GrpcChannel>(
                () => arguments.Dialer.Open(arguments.Host, arguments.Port, arguments.Roots)),
            (Dialer: this, Host: host, Port: port, Roots: rootPems)).Value;
    }

    public void Dispose()
    {
        foreach (Lazy<GrpcChannel> channel in _channels.Values)
        {
            if (channel.IsValueCreated)
                channel.Value.Dispose();
        }

        _channels.Clear();
    }

    private GrpcChannel Open(string host, int port, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        var transport = new SocketsHttpHandler
        {
            ConnectTimeout = s_connectTimeout,
            KeepAlivePingDelay = s_pingDelay,
            KeepAlivePingTimeout = s_pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = Http2Windows.StreamBytes,
            UseProxy = false,
            AllowAutoRedirect = false,

            // With no headers added on the way, the gRPC channel uses its requests again.
            ActivityHeadersPropagator = null,
        };
        string scheme = "http";
        if (_own is { } certificate)
        {
            scheme = "https";
            transport.SslOptions = TlsOf(host, certificate, rootPems);
        }

        return GrpcChannel.ForAddress(
            new UriBuilder(scheme, host, port).Uri,
            new GrpcChannelOptions
            {
                HttpHandler = transport,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
                MaxSendMessageSize = Limits.GrpcMessageBytesMax,
            });
    }

    private static SslClientAuthenticationOptions TlsOf(
        string host, X509Certificate2 certificate, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        var roots = new X509Certificate2Collection();
        foreach (ReadOnlyMemory<byte> pem in rootPems)
            roots.ImportFromPem(Encoding.UTF8.GetString(pem.Span));

        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationFlags = X509VerificationFlags.IgnoreCertificateAuthorityRevocationUnknown,
            DisableCertificateDownloads = true,
        };
        chain.CustomTrustStore.AddRange(roots);
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = chain,
            ClientCertificateContext = SslStreamCertificateContext.Create(
                certificate, additionalCertificates: null, offline: true),
        };
    }
}
