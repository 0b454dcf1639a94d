using Microsoft.Extensions.Logging.Abstractions;
using Node.Ledger.Ordering;
using Node.Orderer.Etcd;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Orderer.Tests.Etcd;

/// <summary>One orderer's view of a channel's log, with a store of its own.</summary>
internal sealed class OpenEtcdLog : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OrdererMetrics _metrics = new();
    private readonly EtcdLogEngine _engine;
    private readonly OrdererStore _store;
    private OpenedLog? _opened;

    private OpenEtcdLog(EtcdOptions options, ChannelId channel)
    {
        _engine = new EtcdLogEngine(options, own: null, TimeProvider.System);
        _store = OrdererStore.Open(_folder.Path, channel);
    }

    public IOrderedLog Log => Opened.Log;

    public ulong Incarnation => Opened.Incarnation;

    private OpenedLog Opened => _opened ?? throw new InvalidOperationException("not open yet");

    public static async Task<OpenEtcdLog> OpenAsync(
        EtcdCluster cluster, ChannelId channel, string orderer, int member = 0, int entriesKept = 2_000,
        LogPosition position = default)
    {
        EtcdOptions seen = cluster.OptionsOf(member);
        var options = new EtcdOptions
        {
            Name = orderer, Endpoints = seen.Endpoints, Tls = seen.Tls, EntriesKept = entriesKept,
        };
        var open = new OpenEtcdLog(options, channel);
        var tip = new ChainTip(1, default, 0, position, MerkleFrontier.Empty);
        var signs = new ChannelSigns(channel, NullLogger.Instance, open._metrics);
        try
        {
            open._opened = await open._engine.OpenAsync(open._store, tip, signs, Patience.Token);
            return open;
        }
        catch (NodeException)
        {
            await open.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_opened is not null)
            await Log.DisposeAsync();

        _engine.Dispose();
        _store.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }
}
