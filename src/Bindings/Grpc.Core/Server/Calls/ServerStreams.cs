using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The request stream of one call.</summary>
internal sealed class RequestStreamReader<T>(HttpServerCallContext call, Func<DeserializationContext, T> deserialize)
    : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;
    private Task<bool> _pending = Task.FromResult(true);
    private bool _ended;

    public T Current => _current ?? throw new InvalidOperationException("MoveNext has not returned true.");

    /// <exception cref="RpcException">
    /// The stream holds something that is no message; the call should end with this.
    /// </exception>
    /// <exception cref="InvalidOperationException">The last read has not ended.</exception>
    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!_pending.IsCompleted)
            throw new InvalidOperationException("The last MoveNext has not ended: there is one reader at a time.");

        return _pending = ReadNextAsync(cancellationToken);
    }

    /// <summary>Ends a read the method did not wait for.</summary>
    public async ValueTask StopAsync()
    {
        if (_pending.IsCompleted)
            return;

        call.Http.Request.BodyReader.CancelPendingRead();
        await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> ReadNextAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;

        _current = await call.ReadAsync(deserialize, only: false, cancellationToken);
        if (_current is not null)
            return true;

        _ended = true;
        return call.ReadFault.StatusCode == StatusCode.OK ? false : throw new RpcException(call.ReadFault);
    }
}

/// <summary>The response stream of one call. Writes from several tasks are put in a row.</summary>
internal sealed class ResponseStreamWriter<T>(HttpServerCallContext call, Action<T, SerializationContext> serialize)
    : IServerStreamWriter<T>
    where T : class
{
    private WriteOptions? _options;

    public WriteOptions? WriteOptions
    {
        get => _options ?? call.WriteOptions;
        set => _options = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return call.WriteAsync(serialize, message, WriteOptions, cancellationToken);
    }
}
