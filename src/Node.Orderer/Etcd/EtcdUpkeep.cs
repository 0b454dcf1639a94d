using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>
/// Tells the others how far this orderer's blocks are durable, removes the entries that all have, and gives the space
/// back: compaction, defragmentation, and the alarm that etcd raises when its quota is used up.
/// </summary>
/// <remarks>
/// One loop per channel and run. An orderer that is away holds back the removal until the log holds
/// <see cref="EtcdOptions.EntriesKept"/> entries; then those that are there go on without it, and it fetches blocks.
/// </remarks>
internal sealed class EtcdUpkeep : IAsyncDisposable
{
    private const int DeletesPerTransaction = 100;   // etcd's own limit is 128 operations.
    private const long FragmentedBytesMin = 64 << 20;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly EtcdOptions _options;
    private readonly Action _sync;
    private readonly ILogger _logger;
    private readonly ChannelId _channel;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private ulong _made;
    private ulong _told;

    /// <param name="sync">Makes all blocks stored so far durable.</param>
    public EtcdUpkeep(
        EtcdClient client, EtcdKeys keys, EtcdOptions options, Action sync, ChannelSigns signs, TimeProvider clock)
    {
        _client = client;
        _keys = keys;
        _options = options;
        _sync = sync;
        _logger = signs.Logger;
        _channel = signs.Channel;
        _clock = clock;
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Blocks of the entries up to this position are stored, if not yet durable.</summary>
    public void Made(LogPosition upToIncluding) => Volatile.Write(ref _made, upToIncluding.Value);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_every, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
                await TurnAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task TurnAsync(CancellationToken cancellation)
    {
        ulong made = Volatile.Read(ref _made);
        try
        {
            if (made == _told)
                return;

            _sync();
            await TellAsync(made, cancellation);
            _told = made;
            if (await RemoveAsync(cancellation) is { } revision)
                await ReclaimAsync(revision, cancellation);
        }
        catch (StorageFailedException failure) when (EtcdClient.IsFull(failure))
        {
            OrdererLog.UpkeepFailed(_logger, _channel, failure.Message);
            await MakeRoomAsync(new LogPosition(made), cancellation);
        }
        catch (NodeException failure)
        {
            // The log goes on without; the next turn tries again.
            OrdererLog.UpkeepFailed(_logger, _channel, failure.Message);
        }
    }

    private async Task MakeRoomAsync(LogPosition durable, CancellationToken cancellation)
    {
        try
        {
            await EtcdSpace.MakeRoomAsync(_client, _keys, durable, cancellation);
        }
        catch (NodeException failure)
        {
            OrdererLog.UpkeepFailed(_logger, _channel, failure.Message);
        }
    }

    private async Task TellAsync(ulong made, CancellationToken cancellation)
    {
        var put = new PutRequest
        {
            Key = _keys.DurableOf(_options.Name), Value = EtcdKeys.Encode(new LogPosition(made)),
        };
        await _client.TransactAsync(
            new TxnRequest { Success = { new RequestOp { RequestPut = put } } }, s_patience, cancellation);
    }

    // The revision behind the removal; null when nothing could be removed.
    private async Task<long?> RemoveAsync(CancellationToken cancellation)
    {
        RangeResponse marks = await _client.RangeAsync(
            new RangeRequest { Key = _keys.Durable, RangeEnd = _keys.DurableEnd }, s_patience, cancellation);
        RangeResponse entries = await _client.RangeAsync(
            new RangeRequest
            {
                Key = _keys.Entries,
                RangeEnd = _keys.EntriesEnd,
                KeysOnly = true,
                SortOrder = RangeRequest.Types.SortOrder.Ascend,
                SortTarget = RangeRequest.Types.SortTarget.Create,
            },
            s_patience,
            cancellation);

        ulong all = ulong.MaxValue;
        ulong first = 0;
        foreach (KeyValue mark in marks.Kvs)
        {
            if (!EtcdKeys.TryDecode(mark.Value, out LogPosition position))
                continue;

            all = Math.Min(all, position.Value);
            first = Math.Max(first, position.Value);
        }

        // Nobody may be waited for without bound: beyond the limit the oldest entries go when anybody has them.
        int surplus = entries.Kvs.Count - _options.EntriesKept;
        ulong forced = surplus > 0 ? Math.Min(first, (ulong)entries.Kvs[surplus - 1].CreateRevision) : 0;
        var upTo = new LogPosition(Math.Max(all, forced));
        List<ByteString> removable =
            [.. entries.Kvs.TakeWhile(entry => (ulong)entry.CreateRevision <= upTo.Value).Select(entry => entry.Key)];
        if (removable.Count == 0)
            return null;

        long revision = 0;
        foreach (ByteString[] some in removable.Chunk(DeletesPerTransaction))
            revision = await RemoveAsync(some, upTo, cancellation);

        return revision;
    }

    private async Task<long> RemoveAsync(ByteString[] keys, LogPosition upTo, CancellationToken cancellation)
    {
        // The mark goes along and never back: a reader that finds a gap must find the reason too.
        var mark = new PutRequest { Key = _keys.Removed, Value = EtcdKeys.Encode(upTo) };
        var request = new TxnRequest
        {
            Compare =
            {
                new Compare
                {
                    Target = Compare.Types.CompareTarget.Value,
                    Result = Compare.Types.CompareResult.Greater,
                    Key = _keys.Removed,
                    Value = EtcdKeys.Encode(upTo),
                },
            },
            Failure = { new RequestOp { RequestPut = mark } },
        };
        foreach (ByteString key in keys)
        {
            var delete = new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } };
            request.Success.Add(delete);
            request.Failure.Add(delete);
        }

        TxnResponse response = await _client.TransactAsync(request, s_patience, cancellation);
        return response.Header.Revision;
    }

    private async Task ReclaimAsync(long revision, CancellationToken cancellation)
    {
        await _client.CompactAsync(revision, s_patience, cancellation);
        await EtcdSpace.ReclaimAsync(_client, FragmentedBytesMin, cancellation);
    }
}
