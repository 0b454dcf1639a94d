using System.Net;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>A request of one message. The handler may ask for it again after a connection refused it.</summary>
internal sealed class FrameContent : HttpContent
{
    private static readonly TaskCompletionSource s_alreadyOver = new();

    private readonly PooledFrame _frame;
    private TaskCompletionSource? _over;   // Made only where a write must wait for the end of its call.
    private int _reading;                  // Writes of the frame that have begun and not ended.

    public FrameContent(PooledFrame frame)
    {
        _frame = frame;
        Headers.TryAddWithoutValidation("Content-Type", GrpcProtocol.ContentType);
    }

    /// <summary>The call is over. Gives the frame back, unless the handler still sends it: then it is the garbage collector's.</summary>
    /// <param name="isAnswered">False where the handler may not even have begun to send.</param>
    public void Release(bool isAnswered)
    {
        Interlocked.CompareExchange(ref _over, s_alreadyOver, comparand: null)?.TrySetCanceled();
        if (isAnswered && Volatile.Read(ref _reading) == 0)
            _frame.Dispose();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reading);
        try
        {
            await stream.WriteAsync(_frame.Memory, cancellationToken);
            Interlocked.Decrement(ref _reading);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stream is over. An exception from here would hide the reason, which the response brings.
            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref _over, over, comparand: null) is null)
                await over.Task;
        }
    }

    // Unknown on purpose: gRPC has no use for a content-length, and formatting one costs each call.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>A request that is written message by message while the call runs.</summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    public RequestStreamContent() => Headers.TryAddWithoutValidation("Content-Type", GrpcProtocol.ContentType);

    /// <summary>The stream to the server, once there is a connection.</summary>
    public Task<Stream> Opened => _opened.Task;

    /// <summary>Half-closes the request.</summary>
    public void Complete() => _ended.TrySetResult();

    /// <summary>Ends the request of a call that is over: what is not yet sent is no longer of interest.</summary>
    public void Abandon(Status status)
    {
        _ended.TrySetCanceled();
        if (_opened.TrySetException(new RpcException(status)))
            _ = _opened.Task.Exception;   // Nobody needs to be waiting for it.
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Messages already written cannot be written again on another connection.
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("A request stream cannot be sent twice.");

        try
        {
            // The server must see the call before its first message, which may be long in coming.
            await stream.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stream is over. An exception from here would hide the reason, which the response brings.
        }

        _opened.TrySetResult(stream);
        await _ended.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
