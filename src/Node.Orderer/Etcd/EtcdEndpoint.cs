using Grpc.Net.Client;
using Node.Hosting.Tls;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;

namespace Node.Orderer.Etcd;

/// <summary>One member of the cluster and the kept connection to it.</summary>
internal sealed class EtcdEndpoint : IDisposable
{
    private readonly GrpcChannel _channel;
    private long _silentSince;

    /// <param name="own">What <paramref name="tls"/> names, kept up to date by its owner; null without TLS.</param>
    public EtcdEndpoint(Uri address, ServerIdentity? own, OrdererTlsFiles? tls, TimeProvider clock)
    {
        Address = $"{address.Host}:{address.Port}";
        _channel = EtcdChannel.Open(address, own, tls, clock);
        Keys = new KV.KVClient(_channel);
        Watches = new Watch.WatchClient(_channel);
        Cluster = new Cluster.ClusterClient(_channel);
        Upkeep = new Maintenance.MaintenanceClient(_channel);
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    /// <summary>When it was last found not to answer, as the clock's timestamp; null when it answered since.</summary>
    public long? SilentSince
    {
        get => Volatile.Read(ref _silentSince) is var since and not 0 ? since : null;
        set => Volatile.Write(ref _silentSince, value ?? 0);
    }

    public KV.KVClient Keys { get; }

    public Watch.WatchClient Watches { get; }

    public Cluster.ClusterClient Cluster { get; }

    public Maintenance.MaintenanceClient Upkeep { get; }

    public void Dispose() => _channel.Dispose();
}
