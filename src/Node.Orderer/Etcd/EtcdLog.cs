using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>The ordered log of a channel with several orderers: keys in etcd, in the order of their creation.</summary>
/// <remarks>
/// An entry's key is its batch id and is created at most once, so that an append may be repeated at any member; its
/// position is the revision that created it, which is etcd's own order. Entries are removed once every orderer has
/// durable blocks of them (<see cref="EtcdUpkeep"/>).
/// </remarks>
internal sealed class EtcdLog : IOrderedLog
{
    /// <summary>How long an append tries all members before its outcome counts as unknown.</summary>
    private static readonly TimeSpan s_appendPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_readPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_watchRetryDelay = TimeSpan.FromMilliseconds(50);

    // Entries are as large as blocks: few per answer.
    private const int EntriesPerRead = 8;

    // Ids by which a repeated append is recognised after its entry was removed: far more than can be in flight.
    private const int BatchIdsRemembered = 1024;

    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly EtcdUpkeep _upkeep;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<BatchId, LogPosition> _seen = new();
    private readonly ConcurrentQueue<BatchId> _seenByAge = new();
    private volatile bool _isClosed;

    internal EtcdLog(EtcdClient client, EtcdKeys keys, EtcdUpkeep upkeep, TimeProvider clock)
    {
        _client = client;
        _keys = keys;
        _upkeep = upkeep;
        _clock = clock;
    }

    public async ValueTask<LogPosition> AppendAsync(Batch batch, CancellationToken cancellationToken)
    {
        RequireOpen();
        if (_seen.TryGetValue(batch.Id, out LogPosition known))
            return known;

        ByteString key = _keys.Entry(batch.Id);
        var request = new TxnRequest
        {
            Compare = { new Compare { Target = Compare.Types.CompareTarget.Create, Key = key, CreateRevision = 0 } },
            Success =
            {
                new RequestOp
                {
                    RequestPut = new PutRequest { Key = key, Value = UnsafeByteOperations.UnsafeWrap(batch.Encoded) },
                },
            },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = key, KeysOnly = true } } },
        };
        TxnResponse response = await _client.TransactAsync(request, s_appendPatience, cancellationToken);
        LogPosition position = PositionOf(response);
        Remember(batch.Id, position);
        return position;
    }

    public async IAsyncEnumerable<LogEntry> ReadAsync(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            RequireOpen();
            (List<LogEntry> entries, bool more, long revision) = await ReadPageAsync(after, cancellationToken);
            foreach (LogEntry entry in entries)
            {
                after = entry.Position;
                yield return entry;
            }

            if (more)
                continue;

            using EtcdWatch watch = _client.Watch(WatchFrom(revision + 1), cancellationToken);
            while (await watch.NextAsync(cancellationToken) is { } events)
            {
                foreach (LogEntry entry in EntriesOf(events, after))
                {
                    after = entry.Position;
                    yield return entry;
                }
            }

            await Task.Delay(s_watchRetryDelay, _clock, cancellationToken);
        }
    }

    public ValueTask TruncateAsync(LogPosition upToIncluding, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _upkeep.Made(upToIncluding);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return _upkeep.DisposeAsync();
    }

    private void RequireOpen()
    {
        if (_isClosed)
            throw new StorageFailedException("use", "the ordered log", "the log is closed", inner: null);
    }

    // Where the log begins and what follows are read at one revision: a removal in between cannot hide.
    private async Task<(List<LogEntry> Entries, bool More, long Revision)> ReadPageAsync(
        LogPosition after, CancellationToken cancellation)
    {
        var request = new TxnRequest
        {
            Success =
            {
                new RequestOp { RequestRange = new RangeRequest { Key = _keys.Removed } },
                new RequestOp
                {
                    RequestRange = new RangeRequest
                    {
                        Key = _keys.Entries,
                        RangeEnd = _keys.EntriesEnd,
                        MinCreateRevision = (long)after.Value + 1,
                        SortOrder = RangeRequest.Types.SortOrder.Ascend,
                        SortTarget = RangeRequest.Types.SortTarget.Create,
                        Limit = EntriesPerRead,
                    },
                },
                new RequestOp { RequestRange = new RangeRequest { Key = _keys.Whole } },
            },
        };
        TxnResponse response = await _client.TransactAsync(request, s_readPatience, cancellation);
        if (response.Responses.Count != 3)
            throw Corrupt("a read was answered in another form");
        if (response.Responses[2].ResponseRange.Kvs.Count == 0)
        {
            throw new StorageFailedException(
                "read", $"etcd ({_client.Addresses})", "entries are being removed to make room", inner: null);
        }

        foreach (KeyValue removed in response.Responses[0].ResponseRange.Kvs)
        {
            if (!EtcdKeys.TryDecode(removed.Value, out LogPosition floor))
                throw Corrupt("the mark of what was removed is malformed");
            if (floor > after)
                throw new LogRemovedException(after.Value, floor.Value);
        }

        RangeResponse range = response.Responses[1].ResponseRange;
        List<LogEntry> entries = [.. range.Kvs.Select(Decode)];
        return (entries, range.More, response.Header.Revision);
    }

    private WatchCreateRequest WatchFrom(long revision) => new()
    {
        Key = _keys.Entries,
        RangeEnd = _keys.EntriesEnd,
        StartRevision = revision,
        Filters = { WatchCreateRequest.Types.FilterType.Nodelete },
        Fragment = true,
    };

    private IEnumerable<LogEntry> EntriesOf(RepeatedField<Event> events, LogPosition after)
    {
        foreach (Event happened in events)
        {
            if (happened.Type == Event.Types.EventType.Put && (ulong)happened.Kv.CreateRevision > after.Value)
                yield return Decode(happened.Kv);
        }
    }

    private LogEntry Decode(KeyValue stored)
    {
        var position = new LogPosition((ulong)stored.CreateRevision);
        if (stored.ModRevision != stored.CreateRevision)
            throw Corrupt($"entry {position} was overwritten at revision {stored.ModRevision}");
        if (!Batch.TryDecode(stored.Value.Memory, out Batch? batch, out string? fault))
            throw Corrupt($"entry {position}: {fault}");
        if (!stored.Key.Equals(_keys.Entry(batch.Id)))
            throw Corrupt($"entry {position} lies under the name of another batch");

        Remember(batch.Id, position);
        return new LogEntry(position, batch);
    }

    private LogPosition PositionOf(TxnResponse response)
    {
        if (response.Succeeded)
            return new LogPosition((ulong)response.Header.Revision);

        RepeatedField<KeyValue>? found = response.Responses.FirstOrDefault()?.ResponseRange?.Kvs;
        return found is { Count: 1 }
            ? new LogPosition((ulong)found[0].CreateRevision)
            : throw Corrupt("an entry that is there was not found");
    }

    private void Remember(BatchId id, LogPosition position)
    {
        if (!_seen.TryAdd(id, position))
            return;

        _seenByAge.Enqueue(id);
        while (_seenByAge.Count > BatchIdsRemembered && _seenByAge.TryDequeue(out BatchId oldest))
            _seen.TryRemove(oldest, out _);
    }

    private LedgerCorruptException Corrupt(string what) =>
        new(what, $"the ordered log in etcd ({_client.Addresses})", blockNumber: null);
}
