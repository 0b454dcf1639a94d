using System.Diagnostics;
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
using Node.Orderer.Log;
using Node.Orderer.Tests.Building;
using Node.Protocol;

namespace Node.Orderer.Tests.Etcd;

/// <summary>Real etcd members on loopback, with mutual TLS from freshly made material.</summary>
public sealed class EtcdCluster : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(CancellationTokenSource Stop, Task Running)> _members = [];
    private readonly EtcdOptions[] _options;
    private readonly int _begun;

    public EtcdCluster()
        : this(members: 1)
    {
    }

    /// <param name="spare">Further members that are not part of the cluster at its beginning.</param>
    /// <param name="quotaBytes">Null leaves the usual quota.</param>
    internal EtcdCluster(int members, int spare = 0, long? quotaBytes = null)
    {
        _begun = members;
        int all = members + spare;
        NetworkTopology topology = NetworkTopology.Default(orderers: 3, basePort: 7050, KeyType.P256);
        MaterialGenerator.Generate(topology.ToCryptoConfig(), _folder.Path, KeyType.P256, TimeProvider.System);
        OrganizationTopology organization = topology.OrdererOrganizations[0];
        MemberLayout[] material =
        [
            .. organization.Nodes.Select(node =>
                new MaterialLayout(_folder.Path).OrdererOrganization(organization.Domain).Node(node.Name)),
        ];
        string[] clients = [.. FreePorts(all).Select(port => $"https://127.0.0.1:{port}")];
        string[] peers = [.. FreePorts(all).Select(port => $"https://127.0.0.1:{port}")];
        _options =
        [
            .. Enumerable.Range(0, all).Select(index => new EtcdOptions
            {
                Name = NameOf(index),
                Endpoints = [clients[index], .. clients[..members].Where(url => url != clients[index])],
                Tls = new OrdererTlsFiles
                {
                    CertificateFile = material[index % material.Length].TlsCertificateFile,
                    KeyFile = material[index % material.Length].TlsKeyFile,
                    RootFiles = [material[index % material.Length].TlsRootFile],
                },
                Member = new EtcdMemberOptions
                {
                    DataFolder = Path.Combine(_folder.Path, NameOf(index)),
                    ClientUrl = clients[index],
                    PeerUrl = peers[index],
                    QuotaBytes = quotaBytes ?? new EtcdMemberOptions
                    {
                        DataFolder = "", ClientUrl = "", PeerUrl = "",
                        InitialCluster = new Dictionary<string, string>(),
                    }.QuotaBytes,
                    InitialCluster = Enumerable.Range(0, members).ToDictionary(NameOf, other => peers[other]),
                },
            }),
        ];
    }

    /// <summary>As the orderer with this index sees the cluster.</summary>
    internal EtcdOptions OptionsOf(int index) => _options[index];

    public async Task InitializeAsync()
    {
        for (int index = 0; index < _begun; index++)
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

    internal void Start(int index) => Start(index, tips: null);

    /// <param name="tips">Where the orderer's blocks end; null for an orderer without channels.</param>
    internal void Start(int index, IReadOnlyDictionary<ChannelId, LogPosition>? tips)
    {
        var stop = new CancellationTokenSource();
        EtcdOptions options = _options[index];
        EtcdMemberOptions member = options.Member ?? throw new InvalidOperationException("every option has a member");
        Task running = new EtcdMember(options, member, NullLogger.Instance, TimeProvider.System)
        {
            Tips = _ => Task.FromResult(tips ?? new Dictionary<ChannelId, LogPosition>()),
        }.RunAsync(stop.Token);
        if (index < _members.Count)
            _members[index] = (stop, running);
        else
            _members.Add((stop, running));
    }

    /// <summary>As a power cut: the member's process ends at once. Its supervisor starts it again.</summary>
    internal void Kill(int index)
    {
        string mark = File.ReadAllText(Path.Combine(DataFolderOf(index), "pid"));
        using var process = Process.GetProcessById(int.Parse(mark.Split(' ')[0], CultureInfo.InvariantCulture));
        process.Kill();
        process.WaitForExit();
    }

    internal string DataFolderOf(int index) => _options[index].Member!.DataFolder;

    internal LogCluster Administer(int index) => new(_options[index], TimeProvider.System);

    /// <summary>Waits until the members are as described: "orderer1 voter", in the order of their names.</summary>
    internal async Task UntilAsync(int asked, Func<IReadOnlyList<LogMember>, bool> condition)
    {
        using LogCluster cluster = Administer(asked);
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                if (condition(await cluster.ListAsync(patience.Token)))
                    return;
            }
            catch (StorageFailedException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
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
