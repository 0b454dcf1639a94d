using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Hosting.Tls;
using Node.Orderer.Etcd;
using Node.Orderer.Hosting;
using Node.Orderer.Tests.Building;

namespace Node.Orderer.Tests.Etcd;

/// <summary>Real etcd members on loopback, with mutual TLS from freshly made material.</summary>
public sealed class EtcdCluster : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(CancellationTokenSource Stop, Task Running)> _members = [];
    private readonly EtcdOptions[] _options;

    public EtcdCluster()
        : this(members: 1)
    {
    }

    internal EtcdCluster(int members)
    {
        NetworkTopology topology = NetworkTopology.Default(orderers: 3, basePort: 7050, KeyType.P256);
        MaterialGenerator.Generate(topology.ToCryptoConfig(), _folder.Path, KeyType.P256, TimeProvider.System);
        OrganizationTopology organization = topology.OrdererOrganizations[0];
        MemberLayout[] material =
        [
            .. organization.Nodes.Select(node =>
                new MaterialLayout(_folder.Path).OrdererOrganization(organization.Domain).Node(node.Name)),
        ];
        string[] clients = [.. FreePorts(members).Select(port => $"https://127.0.0.1:{port}")];
        string[] peers = [.. FreePorts(members).Select(port => $"https://127.0.0.1:{port}")];
        _options =
        [
            .. Enumerable.Range(0, members).Select(index => new EtcdOptions
            {
                Name = NameOf(index),
                Endpoints = [.. clients[index..], .. clients[..index]],
                Tls = new OrdererTlsFiles
                {
                    CertificateFile = material[index].TlsCertificateFile,
                    KeyFile = material[index].TlsKeyFile,
                    RootFiles = [material[index].TlsRootFile],
                },
                Member = new EtcdMemberOptions
                {
                    DataFolder = Path.Combine(_folder.Path, NameOf(index)),
                    ClientUrl = clients[index],
                    PeerUrl = peers[index],
                    InitialCluster = Enumerable.Range(0, members).ToDictionary(NameOf, other => peers[other]),
                },
            }),
        ];
    }

    /// <summary>As the orderer with this index sees the cluster.</summary>
    internal EtcdOptions OptionsOf(int index) => _options[index];

    public async Task InitializeAsync()
    {
        for (int index = 0; index < _options.Length; index++)
            Start(index);

        using EtcdClient client = Client(0);
        await client.RangeAsync(
            new Orderer.Etcd.Wire.RangeRequest { Key = Google.Protobuf.ByteString.CopyFromUtf8("any") },
            Patience.Limit,
            Patience.Token);
    }

    public async Task DisposeAsync()
    {
        foreach ((CancellationTokenSource stop, _) in _members)
            await stop.CancelAsync();

        foreach ((CancellationTokenSource stop, Task running) in _members)
        {
            await running;
            stop.Dispose();
        }

        _folder.Dispose();
    }

    internal EtcdClient Client(int index) => new(
        [.. _options[index].Endpoints.Select(url => new EtcdEndpoint(
            new Uri(url), IdentityOf(_options[index].Tls), _options[index].Tls, TimeProvider.System))],
        TimeProvider.System);

    private static ServerIdentity? IdentityOf(OrdererTlsFiles? files) =>
        files is null ? null : ServerIdentity.Load(files.CertificateFile, files.KeyFile);

    /// <summary>Stops one member in order.</summary>
    internal async Task StopAsync(int index)
    {
        await _members[index].Stop.CancelAsync();
        await _members[index].Running;
    }

    internal void Start(int index)
    {
        var stop = new CancellationTokenSource();
        EtcdOptions options = _options[index];
        EtcdMemberOptions member = options.Member ?? throw new InvalidOperationException("every option has a member");
        Task running = new EtcdMember(options, member, NullLogger.Instance, TimeProvider.System).RunAsync(stop.Token);
        if (index < _members.Count)
            _members[index] = (stop, running);
        else
            _members.Add((stop, running));
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"orderer{index + 1}");

    internal static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();

        int[] ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (TcpListener listener in listeners)
            listener.Dispose();

        return ports;
    }
}
