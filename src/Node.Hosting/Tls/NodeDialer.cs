using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Net.Client;

namespace Node.Hosting.Tls;

/// <summary>How a dialer's connections are kept.</summary>
public sealed record DialTimes
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Of silence after which a connection with calls is pinged.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Opens gRPC channels to other nodes with this node's own TLS identity, and keeps one per node.</summary>
/// <remarks>
/// Any thread. A server must present a certificate that chains to the roots given and carries the host's name. Each
/// channel presents one certificate for all its life: when the node's was renewed, <see cref="Dial"/> gives another
/// channel, and the former one has <see cref="RetiredFor"/> to end its calls. Who keeps a channel asks again when
/// <see cref="Generation"/> has moved.
/// </remarks>
public sealed class NodeDialer : IDisposable
{
    /// <summary>How long calls of a channel may go on after the certificate it presents was renewed.</summary>
    public static readonly TimeSpan RetiredFor = TimeSpan.FromMinutes(10);

    private const int StreamWindowBytes = 1 << 20;   // Too small, and one block waits for several round trips.

    private readonly Lock _lock = new();   // Protects changes of _channels and _retired.
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<GrpcChannel, TlsCertificate> _presented = [];
    private readonly List<(DateTimeOffset Since, GrpcChannel Channel)> _retired = [];
    private readonly ServerIdentity? _own;
    private readonly TimeProvider _clock;
    private readonly DialTimes _times;
    private TlsCertificate? _current;   // What the channels in _channels present.
    private int _generation;

    /// <param name="own">Null speaks plaintext HTTP/2 to everybody.</param>
    public NodeDialer(ServerIdentity? own, TimeProvider clock)
        : this(own, clock, new DialTimes())
    {
    }

    public NodeDialer(ServerIdentity? own, TimeProvider clock, DialTimes times)
    {
        _own = own;
        _clock = clock;
        _times = times;
        _current = own?.Current;
    }

    /// <summary>Moves when the certificate that new channels present has changed.</summary>
    public int Generation
    {
        get
        {
            Renew();
            return Volatile.Read(ref _generation);
        }
    }

    /// <summary>The channel to a node. It reconnects by itself; the dialer owns it.</summary>
    /// <param name="rootPems">PEM certificates; the first call for an endpoint and these roots decides.</param>
    public GrpcChannel Dial(string host, int port, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        Renew();
        var roots = new HashCode();
        foreach (ReadOnlyMemory<byte> pem in rootPems)
            roots.AddBytes(pem.Span);

        return _channels.GetOrAdd(
            $"{host}:{port}/{roots.ToHashCode()}",
            static (_, arguments) => new Lazy<GrpcChannel>(
                () => arguments.Dialer.Open(arguments.Host, arguments.Port, arguments.Roots)),
            (Dialer: this, Host: host, Port: port, Roots: rootPems)).Value;
    }

    /// <summary>What a Deliver request over this channel carries as tls_cert_hash; empty without TLS.</summary>
    public ReadOnlyMemory<byte> CertificateHashOf(GrpcChannel channel) =>
        _presented.TryGetValue(channel, out TlsCertificate? presented) ? presented.Hash.ToArray() : default;

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Lazy<GrpcChannel> channel in _channels.Values)
            {
                if (channel.IsValueCreated)
                    channel.Value.Dispose();
            }

            foreach ((_, GrpcChannel channel) in _retired)
                channel.Dispose();

            _channels.Clear();
            _retired.Clear();
        }
    }

    private void Renew()
    {
        if (ReferenceEquals(_own?.Current, Volatile.Read(ref _current)))
            return;

        lock (_lock)
        {
            TlsCertificate? next = _own?.Current;
            if (ReferenceEquals(next, _current))
                return;

            DateTimeOffset now = _clock.GetUtcNow();
            foreach ((DateTimeOffset since, GrpcChannel channel) in _retired)
            {
                if (now - since >= RetiredFor)
                    channel.Dispose();
            }

            _retired.RemoveAll(retired => now - retired.Since >= RetiredFor);
            foreach (Lazy<GrpcChannel> channel in _channels.Values)
                _retired.Add((now, channel.Value));

            // Their connections end with their calls: the servers close what is idle.
            _channels.Clear();
            Volatile.Write(ref _current, next);
            Interlocked.Increment(ref _generation);
        }
    }

    private GrpcChannel Open(string host, int port, IReadOnlyList<ReadOnlyMemory<byte>> rootPems)
    {
        TlsCertificate? own = _own is null ? null : Volatile.Read(ref _current);
        var transport = new SocketsHttpHandler
        {
            ConnectTimeout = _times.ConnectTimeout,
            KeepAlivePingDelay = _times.PingDelay,
            KeepAlivePingTimeout = _times.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            UseProxy = false,
            AllowAutoRedirect = false,

            // With no headers added on the way, the gRPC channel uses its requests again.
            ActivityHeadersPropagator = null,
        };
        string scheme = Uri.UriSchemeHttp;
        if (own is not null)
        {
            scheme = Uri.UriSchemeHttps;
            transport.SslOptions = ClientTls.OptionsFor(host, own, rootPems, _clock);
        }

        GrpcChannel channel = NodeChannel.Over(transport, new UriBuilder(scheme, host, port).Uri);
        if (own is not null)
            _presented.Add(channel, own);

        return channel;
    }
}
