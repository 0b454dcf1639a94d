using Google.Protobuf;
using Grpc.Core;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>Gives the space of removed entries back to the disk, member by member.</summary>
internal static class EtcdSpace
{
    private const int DeletesPerTransaction = 100;   // etcd's own limit is 128 operations.

    // A member answers nothing else while it rewrites its file.
    private static readonly TimeSpan s_rewriteTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Defragments the members whose file is mostly holes, and lifts the alarm of those that ran into their quota.
    /// </summary>
    /// <param name="holesBytesMin">Less than this is not worth the pause.</param>
    /// <exception cref="StorageFailedException">A member could not be reached; the others were served.</exception>
    public static async Task ReclaimAsync(EtcdClient client, long holesBytesMin, CancellationToken cancellation)
    {
        StorageFailedException? first = null;
        foreach (EtcdEndpoint endpoint in client.Endpoints)
        {
            try
            {
                await ReclaimAsync(endpoint, holesBytesMin, cancellation);
            }
            catch (RpcException failure) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(failure.Message, failure, cancellation);
            }
            catch (RpcException failure)
            {
                first ??= new StorageFailedException(
                    "give space back", $"etcd ({endpoint.Address})", failure.Status.Detail, failure);
            }
        }

        if (first is not null)
            throw first;
    }

    /// <summary>Makes the log take writes again that has used up its quota.</summary>
    /// <remarks>
    /// Then etcd takes removals alone, so the mark of what was removed cannot be raised along with them. Instead
    /// <see cref="EtcdKeys.Whole"/> goes with the first of them; who finds it missing waits, or brings mark and key
    /// back as <see cref="RestoreAsync"/> does, whoever died in between.
    /// </remarks>
    /// <param name="durable">Up to here some orderer has durable blocks: half of these entries may go.</param>
    public static async Task MakeRoomAsync(
        EtcdClient client, EtcdKeys keys, LogPosition durable, CancellationToken cancellation)
    {
        RangeResponse entries = await client.RangeAsync(EntriesOf(keys), s_patience, cancellation);
        List<ByteString> removable =
            [.. entries.Kvs.Where(entry => (ulong)entry.CreateRevision <= durable.Value).Select(entry => entry.Key)];
        foreach (ByteString[] some in removable.Take((removable.Count + 1) / 2).Chunk(DeletesPerTransaction))
        {
            var removal = new TxnRequest { Success = { Delete(keys.Whole) } };
            removal.Success.Add(some.Select(Delete));
            await client.TransactAsync(removal, s_patience, cancellation);
        }

        RangeResponse now = await client.RangeAsync(new RangeRequest { Key = keys.Whole }, s_patience, cancellation);
        await client.CompactAsync(now.Header.Revision, s_patience, cancellation);
        await ReclaimAsync(client, holesBytesMin: 0, cancellation);
        await RestoreAsync(client, keys, cancellation);
    }

    /// <summary>Says up to where entries are gone when a removal was cut short before it could.</summary>
    public static async Task RestoreAsync(EtcdClient client, EtcdKeys keys, CancellationToken cancellation)
    {
        var look = new TxnRequest
        {
            Success =
            {
                Range(new RangeRequest { Key = keys.Whole }),
                Range(new RangeRequest { Key = keys.Removed }),
                Range(FirstOf(keys)),
            },
        };
        TxnResponse seen = await client.TransactAsync(look, s_patience, cancellation);
        if (seen.Responses[0].ResponseRange.Kvs.Count > 0)
            return;

        // What is left begins with the first entry; where none is left, everything up to now is gone.
        ulong upTo = seen.Responses[2].ResponseRange.Kvs is [var first, ..]
            ? (ulong)first.CreateRevision - 1
            : (ulong)seen.Header.Revision;
        if (seen.Responses[1].ResponseRange.Kvs is [var mark, ..] && EtcdKeys.TryDecode(mark.Value, out var told)
            && told.Value > upTo)
            upTo = told.Value;

        var restore = new TxnRequest
        {
            Compare = { Absent(keys.Whole) },
            Success =
            {
                Put(keys.Removed, EtcdKeys.Encode(new LogPosition(upTo))),
                Put(keys.Whole, ByteString.Empty),
            },
        };
        await client.TransactAsync(restore, s_patience, cancellation);
    }

    public static Compare Absent(ByteString key) =>
        new() { Target = Compare.Types.CompareTarget.Create, Key = key, CreateRevision = 0 };

    public static RequestOp Put(ByteString key, ByteString value) =>
        new() { RequestPut = new PutRequest { Key = key, Value = value } };

    public static RequestOp Delete(ByteString key) =>
        new() { RequestDeleteRange = new DeleteRangeRequest { Key = key } };

    public static RequestOp Range(RangeRequest range) => new() { RequestRange = range };

    private static RangeRequest EntriesOf(EtcdKeys keys) => new()
    {
        Key = keys.Entries,
        RangeEnd = keys.EntriesEnd,
        KeysOnly = true,
        SortOrder = RangeRequest.Types.SortOrder.Ascend,
        SortTarget = RangeRequest.Types.SortTarget.Create,
    };

    private static RangeRequest FirstOf(EtcdKeys keys)
    {
        RangeRequest first = EntriesOf(keys);
        first.Limit = 1;
        return first;
    }

    private static async Task ReclaimAsync(EtcdEndpoint endpoint, long holesBytesMin, CancellationToken cancellation)
    {
        CallOptions soon = Within(EtcdClient.AttemptTimeout, cancellation);
        StatusResponse status = await endpoint.Upkeep.StatusAsync(new StatusRequest(), soon).ResponseAsync;
        bool isFull = status.Errors.Any(error => error.Contains("NOSPACE", StringComparison.Ordinal));
        long holes = status.DbSize - status.DbSizeInUse;
        if (!isFull && (holes < holesBytesMin || holes < status.DbSizeInUse))
            return;

        await endpoint.Upkeep.DefragmentAsync(new DefragmentRequest(), Within(s_rewriteTimeout, cancellation))
            .ResponseAsync;
        if (!isFull)
            return;

        // Any member may have raised it, and one that is away cannot lift its own.
        CallOptions again = Within(EtcdClient.AttemptTimeout, cancellation);
        AlarmResponse alarms = await endpoint.Upkeep.AlarmAsync(new AlarmRequest(), again).ResponseAsync;
        foreach (AlarmMember raised in alarms.Alarms.Where(alarm => alarm.Alarm == AlarmType.Nospace))
        {
            var lift = new AlarmRequest
            {
                Action = AlarmRequest.Types.AlarmAction.Deactivate,
                MemberID = raised.MemberID,
                Alarm = AlarmType.Nospace,
            };
            await endpoint.Upkeep.AlarmAsync(lift, Within(EtcdClient.AttemptTimeout, cancellation)).ResponseAsync;
        }
    }

    private static CallOptions Within(TimeSpan time, CancellationToken cancellation) => new(
        headers: null, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + time, cancellationToken: cancellation);
}
