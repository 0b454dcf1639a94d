using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;

namespace Node.Orderer.Etcd;

/// <summary>One member of the cluster and the kept connection to it.</summary>
internal sealed class EtcdEndpoint : IDisposable
{
    private readonly GrpcChannel _channel;

    /// <exception cref="ArgumentException">The TLS files cannot be used.</exception>
    public EtcdEndpoint(Uri address, OrdererTlsFiles? tls)
    {
        Address = $"{address.Host}:{address.Port}";
        _channel = tls is null
            ? NodeConnection.Open(address, own: null, roots: null)
            : NodeConnection.Open(address, OwnOf(tls), RootsOf(tls));
        Keys = new KV.KVClient(_channel);
        Watches = new Watch.WatchClient(_channel);
        Upkeep = new Maintenance.MaintenanceClient(_channel);
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    public KV.KVClient Keys { get; }

    public Watch.WatchClient Watches { get; }

    public Maintenance.MaintenanceClient Upkeep { get; }

    public void Dispose() => _channel.Dispose();

    private static X509Certificate2 OwnOf(OrdererTlsFiles files) =>
        Read(files, () => X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile));

    private static X509Certificate2Collection RootsOf(OrdererTlsFiles files) => Read(files, () =>
    {
        var roots = new X509Certificate2Collection();
        foreach (string file in files.RootFiles)
            roots.ImportFromPemFile(file);

        return roots;
    });

    private static T Read<T>(OrdererTlsFiles files, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"TLS files for etcd {files.CertificateFile}, {files.KeyFile}: {failure.Message}", nameof(files),
                failure);
        }
    }
}
