using Grpc.Core;
using Node.Orderer.Etcd.Wire;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>Gives the space of removed entries back to the disk, member by member.</summary>
internal static class EtcdSpace
{
    // A member answers nothing else while it rewrites its file.
    private static readonly TimeSpan s_rewriteTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Defragments the members whose file is mostly holes, and lifts the alarm of those that ran into their quota.
    /// </summary>
    /// <param name="holesBytesMin">Less than this is not worth the pause.</param>
    public static async Task ReclaimAsync(EtcdClient client, long holesBytesMin, CancellationToken cancellation)
    {
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
                throw new StorageFailedException(
                    "give space back", $"etcd ({endpoint.Address})", failure.Status.Detail, failure);
            }
        }
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
        if (isFull)
        {
            var lift = new AlarmRequest
            {
                Action = AlarmRequest.Types.AlarmAction.Deactivate,
                MemberID = status.Header.MemberId,
                Alarm = AlarmType.Nospace,
            };
            await endpoint.Upkeep.AlarmAsync(lift, Within(EtcdClient.AttemptTimeout, cancellation)).ResponseAsync;
        }
    }

    private static CallOptions Within(TimeSpan time, CancellationToken cancellation) => new(
        headers: null, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + time, cancellationToken: cancellation);
}
