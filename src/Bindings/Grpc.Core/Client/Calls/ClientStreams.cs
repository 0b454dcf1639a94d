using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>The response stream of one call.</summary>
internal sealed class ResponseStreamReader<TRequest, TResponse>(ClientCall<TRequest, TResponse> call)
    : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;

    public TResponse Current => _current ?? throw new InvalidOperationException("MoveNext has not returned true.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = null;
        _current = await call.ReadNextAsync(cancellationToken);
        return _current is not null;
    }
}

/// <summary>The request stream of one call. Writes from several tasks are put in a row.</summary>
internal sealed class RequestStreamWriter<TRequest, TResponse>(
    ClientCall<TRequest, TResponse> call, RequestStreamContent content) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly SemaphoreSlim _writing = new(1, 1);   // Guards the request body and _completed.
    private bool _completed;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    /// <exception cref="RpcException">The call has ended, or its connection failed.</exception>
    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        await _writing.WaitAsync(cancellationToken);
        using CancellationTokenRegistration link =
            cancellationToken.UnsafeRegister(static call => ((ClientCall)call!).Stop(StopReason.Caller), call);
        try
        {
            if (_completed)
                throw new InvalidOperationException("The request stream was completed: nothing more can be written.");
            if (call.TryGetEnd(out Status status))
                throw EndOf(status);

            await WriteFrameAsync(message);
        }
        catch (Exception because) when (because is not InvalidOperationException and not RpcException)
        {
            throw call.TryGetEnd(out Status status)
                ? EndOf(status)
                : new RpcException(call.StatusOf(because, out _));
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task CompleteAsync()
    {
        await _writing.WaitAsync(CancellationToken.None);
        _completed = true;
        content.Complete();
        _writing.Release();
    }

    private async Task WriteFrameAsync(TRequest message)
    {
        Stream stream = await content.Opened;
        PooledFrame frame = PooledFrame.Of(call.Serialize, message, call.SendBytesMax);
        await stream.WriteAsync(frame.Memory, call.StopToken);

        // Not after a failure: the handler may still hold the array.
        frame.Dispose();
        if (WriteOptions is null || (WriteOptions.Flags & WriteFlags.BufferHint) == 0)
            await stream.FlushAsync(call.StopToken);
    }

    private Exception EndOf(in Status status) =>
        status.StatusCode == StatusCode.OK
            ? new InvalidOperationException("The call has ended: nothing more can be written.")
            : call.EndException();
}
