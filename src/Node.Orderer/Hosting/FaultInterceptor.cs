using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Hosting;

/// <summary>The only place where an exception becomes a gRPC status, and where a failed call is logged.</summary>
internal sealed class FaultInterceptor(ILogger<FaultInterceptor> logger) : Interceptor
{
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (InvariantViolatedException violated)
        {
            Environment.FailFast(violated.Message, violated);
            throw;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "the client left the call"));
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            StatusCode code = StatusOf(failure);
            OrdererLog.CallFailed(logger, context.Method, code, failure);
            throw new RpcException(new Status(code, code == StatusCode.Internal ? "internal error" : failure.Message));
        }
    }

    private static StatusCode StatusOf(Exception failure) => failure switch
    {
        OverloadedException => StatusCode.ResourceExhausted,
        StorageFailedException or LedgerCorruptException => StatusCode.Unavailable,
        IOException => StatusCode.Cancelled,   // The connection broke.
        _ => StatusCode.Internal,
    };
}
