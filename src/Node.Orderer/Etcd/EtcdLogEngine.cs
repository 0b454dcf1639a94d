using Google.Protobuf;
using Node.Ledger.Ordering;
using Node.Orderer.Etcd.Wire;
using Node.Hosting.Tls;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;

namespace Node.Orderer.Etcd;

/// <summary>Keeps the logs of all channels in an etcd cluster. One per process; owns the connections.</summary>
internal sealed class EtcdLogEngine : ILogEngine, IDisposable
{
    private static readonly TimeSpan s_openPatience = TimeSpan.FromSeconds(2);

    private readonly EtcdClient _client;
    private readonly EtcdOptions _options;
    private readonly TimeProvider _clock;

    /// <exception cref="ArgumentException">The TLS files cannot be used.</exception>
    /// <param name="own">Of the orderer's port; presented to the cluster too when the files are the same.</param>
    public EtcdLogEngine(EtcdOptions options, ServerIdentity? own, TimeProvider clock)
    {
        Identity = options.Tls is not { } files ? null
            : files.CertificateFile == own?.Place ? own
            : ServerIdentity.Load(files.CertificateFile, files.KeyFile);
        _client = new EtcdClient(
            [
                .. options.Endpoints.Select(
                    address => new EtcdEndpoint(new Uri(address), Identity, options.Tls, clock)),
            ],
            clock);
        _options = options;
        _clock = clock;
    }

    /// <summary>What the orderer presents to the cluster; null without TLS.</summary>
    public ServerIdentity? Identity { get; }

    /// <remarks>A majority that is back should not have to wait for those who look for it.</remarks>
    public TimeSpan ReopenDelayMax => TimeSpan.FromMilliseconds(500);

    public async Task<OpenedLog> OpenAsync(
        OrdererStore store, ChainTip tip, ChannelSigns signs, CancellationToken cancellationToken)
    {
        var keys = new EtcdKeys(signs.Channel);

        // Until this run says otherwise, nothing behind its blocks may be removed. And the revision of this write is a
        // number that no run had before, whatever became of this orderer's disk.
        var request = new TxnRequest
        {
            Success =
            {
                Put(keys.DurableOf(_options.Name), EtcdKeys.Encode(tip.Position)),
                Put(keys.RunOf(_options.Name), ByteString.Empty),
            },
        };
        TxnResponse response = await _client.TransactAsync(request, s_openPatience, cancellationToken);
        var upkeep = new EtcdUpkeep(_client, keys, _options, store.Sync, signs, _clock);
        var log = new EtcdLog(_client, keys, upkeep, _clock);
        return new OpenedLog(log, (ulong)response.Header.Revision, EntriesWaiting: 0);
    }

    public void Dispose() => _client.Dispose();

    private static RequestOp Put(ByteString key, ByteString value) =>
        new() { RequestPut = new PutRequest { Key = key, Value = value } };
}
