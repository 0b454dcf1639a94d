using Grpc.Health.V1;
using Grpc.HealthCheck;
using Node.Orderer.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>Tells gRPC health checks whether the orderer serves: it does while every channel of it is open.</summary>
internal sealed class HealthSigns(ChannelDirectory channels, HealthServiceImpl health)
{
    /// <summary>Follows one channel until cancelled.</summary>
    public async Task FollowAsync(OrderingChannel channel, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task changed = channel.Changed.Next;
            bool serves = channels.All.All(each => each.State.Run is not null);
            HealthCheckResponse.Types.ServingStatus status = serves
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing;
            health.SetStatus("", status);
            health.SetStatus(AtomicBroadcastBinding.Service, status);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
