using Google.Protobuf.Collections;
using Grpc.Core;
using Node.Orderer.Etcd.Wire;

namespace Node.Orderer.Etcd;

/// <summary>One watch on one member. One reader.</summary>
/// <param name="life">Ends the call when it is cancelled. Disposed of with the watch.</param>
internal sealed class EtcdWatch(
    AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call, WatchCreateRequest request,
    CancellationTokenSource life, Action failed) : IDisposable
{
    private bool _isCreated;

    /// <summary>The next events; null when the watch has ended: look again where the log stands.</summary>
    public async Task<RepeatedField<Event>?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            if (!_isCreated)
            {
                await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = request }, cancellation);
                _isCreated = true;
            }

            while (await call.ResponseStream.MoveNext(cancellation))
            {
                WatchResponse response = call.ResponseStream.Current;
                if (response.Canceled)
                    break;
                if (response.Events.Count > 0)
                    return response.Events;
            }
        }
        catch (RpcException failure) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Message, failure, cancellation);
        }
        catch (Exception failure) when (failure is RpcException or IOException or InvalidOperationException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            if (!life.IsCancellationRequested)
                failed();
        }

        return null;
    }

    public void Dispose()
    {
        call.Dispose();
        life.Dispose();
    }
}
