using System.Net;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>A request of one message. The handler may ask for it again after a connection refused it.</summary>
internal sealed class FrameContent : HttpContent
{
    private const int Waiting = 0;
    private const int Sending = 1;
    private const int Sent = 2;

    private static readonly TaskCompletionSource s_alreadyOver = new();

    private readonly PooledFrame _frame = new();
    private TaskCompletionSource? _over;   // Made only where a write must wait for the end of its call.
    private int _state;                    // Waiting, Sending or Sent.

    public FrameContent() => Headers.TryAddWithoutValidation("Content-Type", GrpcProtocol.ContentType);

    /// <inheritdoc cref="FrameSerializationContext.Write"/>
    public void Fill<T>(Action<T, SerializationContext> serialize, T message, int bytesMax)
    {
        _over = null;
        _state = Waiting;
        FrameSerializationContext.Write(_frame, serialize, message, bytesMax);
    }

    /// <summary>The call is over.</summary>
    /// <param name="isAnswered">False where the handler may yet send again.</param>
    /// <returns>
    /// True when the handler has sent all and lets go, so that the content may be filled again. Otherwise it belongs to
    /// the garbage collector, frame and all.
    /// </returns>
    public bool TryRelease(bool isAnswered)
    {
        Interlocked.CompareExchange(ref _over, s_alreadyOver, comparand: null)?.TrySetCanceled();
        if (!isAnswered || Volatile.Read(ref _state) != Sent)
            return false;

        _frame.Dispose();
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _state, Sending);
        try
        {
            await stream.WriteAsync(_frame.Memory, cancellationToken);
            Volatile.Write(ref _state, Sent);
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
