using System.Collections.Concurrent;
using Google.Protobuf;
using Node.Ledger.Ordering;
using Node.Orderer.Etcd.Wire;
using Node.Hosting.Tls;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Orderer.Etcd;

/// <summary>Keeps the logs of all channels in an etcd cluster. One per process; owns the connections.</summary>
internal sealed class EtcdLogEngine : ILogEngine, IDisposable
{
    private static readonly TimeSpan s_openPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_tipsPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_tipsEvery = TimeSpan.FromMilliseconds(20);

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

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>Where the blocks of each channel ended when it was opened first.</summary>
    public ConcurrentDictionary<ChannelId, LogPosition> Tips { get; } = new();

    /// <summary>
    /// Completed once this orderer's own member may have started: until then no channel says how far it is, which is
    /// what shows whether the disk is an old copy. Complete where it runs none.
    /// </summary>
    public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary><see cref="Tips"/>, once so many channels are open, or after a while.</summary>
    public async Task<IReadOnlyDictionary<ChannelId, LogPosition>> TipsAsync(
        int channels, CancellationToken cancellationToken)
    {
        long began = _clock.GetTimestamp();
        while (Tips.Count < channels && _clock.GetElapsedTime(began) < s_tipsPatience)
            await Task.Delay(s_tipsEvery, _clock, cancellationToken);

        return Tips;
    }

    public async Task<OpenedLog> OpenAsync(
        OrdererStore store, ChainTip tip, ChannelSigns signs, CancellationToken cancellationToken)
    {
        var keys = new EtcdKeys(signs.Channel);

        // What is told to be durable below must be so also after a power cut.
        store.Sync();
        Tips.TryAdd(signs.Channel, tip.Position);
        if (_options.Member is not null)
            await Admitted.Task.WaitAsync(cancellationToken);

        await CheckAsync(keys, GenesisHashOf(store), tip, cancellationToken);

        // Until this run says otherwise, nothing behind its blocks may be removed. And the revision of this write is a
        // number that no run had before, whatever became of this orderer's disk.
        var request = new TxnRequest
        {
            Success =
            {
                EtcdSpace.Put(keys.DurableOf(_options.Name), EtcdKeys.Encode(tip.Position)),
                EtcdSpace.Put(keys.RunOf(_options.Name), ByteString.Empty),
            },
        };
        TxnResponse response = await WriteAsync(request, keys, tip.Position, cancellationToken);
        var upkeep = new EtcdUpkeep(_client, keys, _options, store.Sync, signs, _clock);
        var log = new EtcdLog(_client, keys, upkeep, _clock);
        return new OpenedLog(log, (ulong)response.Header.Revision, EntriesWaiting: 0);
    }

    /// <remarks>The last orderer to leave a channel takes the whole log of it along.</remarks>
    public async Task ForgetAsync(ChannelId channel, CancellationToken cancellationToken)
    {
        var keys = new EtcdKeys(channel);
        var leave = new TxnRequest
        {
            Success =
            {
                EtcdSpace.Delete(keys.DurableOf(_options.Name)),
                EtcdSpace.Range(
                    new RangeRequest { Key = keys.Durable, RangeEnd = keys.DurableEnd, KeysOnly = true, Limit = 1 }),
            },
        };
        TxnResponse left = await _client.TransactAsync(leave, s_openPatience, cancellationToken);
        Tips.TryRemove(channel, out _);
        if (left.Responses[1].ResponseRange.Kvs.Count > 0)
            return;

        var all = new DeleteRangeRequest { Key = keys.All, RangeEnd = keys.AllEnd };
        await _client.TransactAsync(
            new TxnRequest { Success = { new RequestOp { RequestDeleteRange = all } } }, s_openPatience,
            cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    // The log must be the one that our blocks were made of: of the same channel, and not shorter than they are. One
    // that was restored from an old copy, or begun anew, would give further blocks under numbers that exist already.
    private async Task CheckAsync(
        EtcdKeys keys, ByteString genesis, ChainTip tip, CancellationToken cancellationToken)
    {
        var begin = new TxnRequest
        {
            Compare = { EtcdSpace.Absent(keys.Genesis) },
            Success = { EtcdSpace.Put(keys.Genesis, genesis), EtcdSpace.Put(keys.Whole, ByteString.Empty) },
            Failure =
            {
                EtcdSpace.Range(new RangeRequest { Key = keys.Genesis }),
                EtcdSpace.Range(new RangeRequest { Key = keys.Whole }),
                EtcdSpace.Range(new RangeRequest { Key = keys.Removed }),
                EtcdSpace.Range(new RangeRequest
                {
                    Key = keys.Entries,
                    RangeEnd = keys.EntriesEnd,
                    KeysOnly = true,
                    MinCreateRevision = (long)tip.Position.Value,
                    MaxCreateRevision = (long)tip.Position.Value,
                }),
            },
        };
        TxnResponse response = await WriteAsync(begin, keys, tip.Position, cancellationToken);
        if ((ulong)response.Header.Revision < tip.Position.Value)
            throw Other($"it ends at {response.Header.Revision}, our last block was made of its entry {tip.Position}");
        if (response.Succeeded)
            return;   // Begun by us; entries from before this mark was kept are found by whoever reads them.
        if (!response.Responses[0].ResponseRange.Kvs[0].Value.Equals(genesis))
            throw Other("it is of another channel of the same name, which begins with another block");
        if (response.Responses[1].ResponseRange.Kvs.Count == 0)
        {
            await EtcdSpace.RestoreAsync(_client, keys, cancellationToken);
            return;
        }

        bool isRemoved = response.Responses[2].ResponseRange.Kvs is [var mark, ..]
            && EtcdKeys.TryDecode(mark.Value, out LogPosition removed) && removed >= tip.Position;
        if (tip.Position > LogPosition.Start && !isRemoved && response.Responses[3].ResponseRange.Kvs.Count == 0)
            throw Other($"it holds no entry {tip.Position}, which our last block was made of");
    }

    private async Task<TxnResponse> WriteAsync(
        TxnRequest request, EtcdKeys keys, LogPosition durable, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.TransactAsync(request, s_openPatience, cancellationToken);
        }
        catch (StorageFailedException failure) when (EtcdClient.IsFull(failure))
        {
            await EtcdSpace.MakeRoomAsync(_client, keys, durable, cancellationToken);
            return await _client.TransactAsync(request, s_openPatience, cancellationToken);
        }
    }

    // Stores of tests may have no blocks at all.
    private static ByteString GenesisHashOf(OrdererStore store) =>
        store.TryReadBlock(0, out byte[]? block) && BlockBytes.TryDecode(block, out BlockBytes? genesis, out _)
            ? ByteString.CopyFrom(genesis.Hash.AsSpan())
            : ByteString.Empty;

    private LedgerCorruptException Other(string what) => new(
        $"{what}: the ordered log is not the one that this orderer's blocks came from. Restore its members, or give "
        + "this orderer another cluster and data folder",
        $"etcd ({_client.Addresses})",
        blockNumber: null);
}
