using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.HealthCheck;

/// <summary>
/// Tells clients which services of this server serve. The empty name stands for the server as a whole.
/// </summary>
/// <remarks>
/// Statuses are set and read from any thread. A watcher misses intermediate statuses, never the last.
/// </remarks>
public class HealthServiceImpl : Health.V1.Health.HealthBase
{
    private readonly Lock _gate = new();   // Guards both fields below.
    private ImmutableDictionary<string, ServingStatus> _statuses = ImmutableDictionary<string, ServingStatus>.Empty;
    private TaskCompletionSource _changed = NewSignal();

    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        Change(statuses => statuses.SetItem(service, status));
    }

    public void ClearStatus(string service) => Change(statuses => statuses.Remove(service));

    public void ClearAll() => Change(statuses => statuses.Clear());

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        (ServingStatus status, _) = Look(request.Service);
        if (status == ServingStatus.ServiceUnknown)
            throw new RpcException(
                new Status(StatusCode.NotFound, $"No status is known of service '{request.Service}'."));

        return Task.FromResult(new HealthCheckResponse { Status = status });
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        ServingStatus? told = null;
        try
        {
            while (true)
            {
                (ServingStatus status, Task changed) = Look(request.Service);
                if (status != told)
                    await responseStream.WriteAsync(
                        new HealthCheckResponse { Status = status }, context.CancellationToken);

                told = status;
                await changed.WaitAsync(context.CancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher is gone: the one way a watch ends.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (ServingStatus Status, Task Changed) Look(string service)
    {
        lock (_gate)
            return (_statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown), _changed.Task);
    }

    private void Change(
        Func<ImmutableDictionary<string, ServingStatus>, ImmutableDictionary<string, ServingStatus>> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _statuses = change(_statuses);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }
}
