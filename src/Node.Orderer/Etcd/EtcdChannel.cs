using Grpc.Net.Client;
using Node.Hosting.Tls;
using Node.Orderer.Hosting;

namespace Node.Orderer.Etcd;

/// <summary>How an orderer connects to a member of the cluster.</summary>
internal static class EtcdChannel
{
    // etcd takes a ping every 5 s at most.
    private static readonly TimeSpan s_pingDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(1);

    /// <param name="own">
    /// Shown to the member, as it is when a connection is made; null speaks plaintext HTTP/2.
    /// </param>
    public static GrpcChannel Open(Uri address, ServerIdentity? own, OrdererTlsFiles? files, TimeProvider clock)
    {
        SocketsHttpHandler transport = Transport(address, own, files, clock);
        transport.KeepAlivePingDelay = s_pingDelay;
        transport.KeepAlivePingTimeout = s_pingTimeout;
        transport.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        transport.PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan;
        return NodeChannel.Over(transport, address);
    }

    /// <summary>HTTP to a member, as it also answers the other members.</summary>
    /// <inheritdoc cref="Open"/>
    public static SocketsHttpHandler Transport(
        Uri address, ServerIdentity? own, OrdererTlsFiles? files, TimeProvider clock)
    {
        var transport = new SocketsHttpHandler
        {
            ConnectTimeout = s_connectTimeout,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (own is not null && files is not null)
        {
            ReadOnlyMemory<byte>[] roots = RootFiles.Read(files.RootFiles);
            transport.SslOptions = ClientTls.OptionsFor(address.Host, own, roots, clock);
        }

        return transport;
    }
}
