using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>
/// What the four kinds of call have in common, each question answered by a static function over one state.
/// </summary>
internal sealed class CallControls(
    Func<object, Task<Metadata>> responseHeadersAsync,
    Func<object, Status> getStatus,
    Func<object, Metadata> getTrailers,
    Action<object> dispose)
{
    public Func<object, Task<Metadata>> ResponseHeadersAsync { get; } = responseHeadersAsync;

    public Func<object, Status> GetStatus { get; } = getStatus;

    public Func<object, Metadata> GetTrailers { get; } = getTrailers;

    public Action<object> Dispose { get; } = dispose;

    /// <summary>For the public constructors: the state is this object, made from functions without one.</summary>
    public static CallControls From(
        Task<Metadata> headers, Func<Status> getStatus, Func<Metadata> getTrailers, Action dispose) =>
        new(_ => headers, _ => getStatus(), _ => getTrailers(), _ => dispose());
}

/// <summary>A running call with one request and one response. Await it for the response.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly CallControls _controls;
    private readonly object _state;

    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(
            responseAsync,
            CallControls.From(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction),
            state: responseAsync)
    {
    }

    internal AsyncUnaryCall(Task<TResponse> responseAsync, CallControls controls, object state)
    {
        ResponseAsync = responseAsync;
        _controls = controls;
        _state = state;
    }

    public Task<TResponse> ResponseAsync { get; }

    public Task<Metadata> ResponseHeadersAsync => _controls.ResponseHeadersAsync(_state);

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => _controls.GetStatus(_state);

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => _controls.GetTrailers(_state);

    /// <summary>Cancels the call if it still runs.</summary>
    public void Dispose() => _controls.Dispose(_state);
}

/// <summary>A running call with one request and a stream of responses.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly CallControls _controls;
    private readonly object _state;

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(
            responseStream,
            CallControls.From(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction),
            state: responseStream)
    {
    }

    internal AsyncServerStreamingCall(IAsyncStreamReader<TResponse> responseStream, CallControls controls, object state)
    {
        ResponseStream = responseStream;
        _controls = controls;
        _state = state;
    }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync => _controls.ResponseHeadersAsync(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetStatus"/>
    public Status GetStatus() => _controls.GetStatus(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetTrailers"/>
    public Metadata GetTrailers() => _controls.GetTrailers(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.Dispose"/>
    public void Dispose() => _controls.Dispose(_state);
}

/// <summary>A running call with a stream of requests and one response. Await it for the response.</summary>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallControls _controls;
    private readonly object _state;

    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(
            requestStream,
            responseAsync,
            CallControls.From(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction),
            state: requestStream)
    {
    }

    internal AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream, Task<TResponse> responseAsync, CallControls controls, object state)
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        _controls = controls;
        _state = state;
    }

    public IClientStreamWriter<TRequest> RequestStream { get; }

    public Task<TResponse> ResponseAsync { get; }

    public Task<Metadata> ResponseHeadersAsync => _controls.ResponseHeadersAsync(_state);

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetStatus"/>
    public Status GetStatus() => _controls.GetStatus(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetTrailers"/>
    public Metadata GetTrailers() => _controls.GetTrailers(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.Dispose"/>
    public void Dispose() => _controls.Dispose(_state);
}

/// <summary>A running call with a stream in each direction.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallControls _controls;
    private readonly object _state;

    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(
            requestStream,
            responseStream,
            CallControls.From(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction),
            state: requestStream)
    {
    }

    internal AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        CallControls controls,
        object state)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        _controls = controls;
        _state = state;
    }

    public IClientStreamWriter<TRequest> RequestStream { get; }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync => _controls.ResponseHeadersAsync(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetStatus"/>
    public Status GetStatus() => _controls.GetStatus(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.GetTrailers"/>
    public Metadata GetTrailers() => _controls.GetTrailers(_state);

    /// <inheritdoc cref="AsyncUnaryCall{TResponse}.Dispose"/>
    public void Dispose() => _controls.Dispose(_state);
}
