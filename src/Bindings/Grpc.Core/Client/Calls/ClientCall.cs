using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>Who stopped a call before its end.</summary>
internal enum StopReason
{
    None,
    Deadline,
    Caller,
    Disposed,
}

/// <summary>The life of one call on the client: what starts it, stops it, and what is known at its end.</summary>
internal abstract class ClientCall
{
    // Longer times than a timer can count are none.
    private static readonly TimeSpan s_timerMax = TimeSpan.FromMilliseconds(int.MaxValue);

    // Guards _stopReason, _hasEnded, _status, _trailers, _response and _headersSource.
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = StopSources.Rent();
    private readonly CancellationTokenRegistration _callerLink;
    private readonly CancellationTokenRegistration _channelLink;
    private readonly CancellationTokenRegistration _streamLink;
    private StopReason _stopReason;
    private bool _hasEnded;
    private Status _status;
    private Metadata? _trailers;
    private HttpResponseMessage? _response;
    private TaskCompletionSource<Metadata>? _headersSource;

    protected ClientCall(GrpcChannel channel, IMethod method, in CallOptions options)
    {
        ObjectDisposedException.ThrowIf(channel.IsDisposed, channel);
        Channel = channel;
        ChannelMethod = channel.MethodOf(method);
        Method = method;
        Options = options;
        StopToken = _stop.Token;
        CancellationToken caller = options.CancellationToken;
        if (caller.CanBeCanceled)
            _callerLink = caller.UnsafeRegister(static call => ((ClientCall)call!).Stop(StopReason.Caller), this);

        // A unary call always waits on something that sees the token. A stream may lie idle between two reads.
        if (method.Type != MethodType.Unary)
        {
            _streamLink = StopToken.UnsafeRegister(static call => ((ClientCall)call!).Abort(), this);
            _channelLink =
                channel.Disposed.UnsafeRegister(static call => ((ClientCall)call!).Stop(StopReason.Disposed), this);
        }
    }

    /// <summary>Answers what the public call objects are asked.</summary>
    public static CallControls Controls { get; } = new(
        static call => ((ClientCall)call).GetResponseHeadersAsync(),
        static call => ((ClientCall)call).GetStatus(),
        static call => ((ClientCall)call).GetTrailers(),
        static call => ((ClientCall)call).Stop(StopReason.Disposed));

    public CallOptions Options { get; }

    /// <summary>Cancelled by a stop or the deadline. Stays readable after the end of the call.</summary>
    public CancellationToken StopToken { get; }

    protected GrpcChannel Channel { get; }

    protected ChannelMethod ChannelMethod { get; }

    protected IMethod Method { get; }

    protected HttpResponseMessage? Response => _response;

    protected bool HasEnded => _hasEnded;

    protected bool HasCredentials => (Options.Credentials ?? Channel.Credentials) is not null;

    /// <summary>Ends the call before its time. Its status becomes CANCELLED, the server is told by a reset.</summary>
    public void Stop(StopReason reason)
    {
        lock (_gate)
        {
            if (_hasEnded || _stopReason != StopReason.None)
                return;

            _stopReason = reason;
        }

        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended by itself in this very moment.
        }
    }

    /// <summary>Ends the call after a failure.</summary>
    /// <returns>What the caller is to be told.</returns>
    public Exception Fail(Exception because)
    {
        Status status = StatusOf(because, out bool isStopped);
        End(status, (because as RpcException)?.Trailers);
        return isStopped && Channel.ThrowsOnCancellation
            ? new OperationCanceledException(_status.Detail, because, Options.CancellationToken)
            : EndException();
    }

    public RpcException EndException()
    {
        lock (_gate)
            return new RpcException(_status, _trailers ?? Metadata.Empty);
    }

    /// <summary>The status, OK among them, that the call ended with, if it has.</summary>
    public bool TryGetEnd(out Status status)
    {
        lock (_gate)
        {
            status = _status;
            return _hasEnded;
        }
    }

    /// <summary>What a failure means for this call: a stop that was asked for, or what failed by itself.</summary>
    public Status StatusOf(Exception because, out bool isStopped)
    {
        StopReason reason;
        lock (_gate)
            reason = _stopReason;

        if (reason == StopReason.None && _stop.IsCancellationRequested)
            reason = StopReason.Deadline;

        isStopped = reason != StopReason.None;
        return reason switch
        {
            StopReason.Deadline => new Status(StatusCode.DeadlineExceeded, "The deadline of the call has passed."),
            StopReason.Caller => new Status(StatusCode.Cancelled, "Call canceled by the client."),
            StopReason.Disposed => new Status(StatusCode.Cancelled, "gRPC call disposed."),
            _ when because is RpcException rpc => rpc.Status,
            _ => ResponseStatus.OfFailure(because),
        };
    }

    /// <summary>Sends the request and waits for the response's headers.</summary>
    /// <returns>False when the headers were already the end of the call.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<bool> OpenAsync(HttpRequestMessage request)
    {
        if (StartDeadline() is { } remaining)
            request.Headers.TryAddWithoutValidation(GrpcProtocol.TimeoutHeader, GrpcProtocol.FormatTimeout(remaining));
        if (Options.Headers is not null)
            AddTo(request, Options.Headers);
        if (HasCredentials)
            await AddCredentialsAsync(request);

        HttpResponseMessage response = await Channel.Invoker.SendAsync(request, StopToken);
        TaskCompletionSource<Metadata>? headers;
        bool isStopped;
        lock (_gate)
        {
            _response = response;
            headers = _headersSource;
            isStopped = _hasEnded || _stop.IsCancellationRequested;
        }

        if (isStopped)
        {
            response.Dispose();
            throw new OperationCanceledException("The call was stopped.");
        }

        headers?.TrySetResult(ResponseStatus.MetadataOf(response.Headers));
        return !TryEndAtHeaders(response);
    }

    /// <summary>Ends the call with what the trailers say.</summary>
    /// <param name="isMessageMissing">
    /// True when an OK would be a lie: the one message of the response did not come.
    /// </param>
    protected Status EndWithTrailers(bool isMessageMissing)
    {
        HttpResponseMessage response = _response!;   // There are no trailers before a response.
        if (!ResponseStatus.TryRead(response.TrailingHeaders, out Status status))
            status = new Status(StatusCode.Unknown, "The response ended without a grpc-status.");
        else if (isMessageMissing && status.StatusCode == StatusCode.OK)
            status = FrameFaults.Missing;

        End(status, trailers: null);
        return status;
    }

    /// <summary>Ends the call once; later ends change nothing.</summary>
    protected void End(in Status status, Metadata? trailers)
    {
        TaskCompletionSource<Metadata>? headers;
        bool canReuseStop;
        lock (_gate)
        {
            if (_hasEnded)
                return;

            _hasEnded = true;
            _status = status;
            _trailers = trailers;
            headers = _headersSource;

            // Nobody can cancel it from here on: Stop looks at _hasEnded first, and only a unary call has no links of
            // its own.
            canReuseStop = status.StatusCode == StatusCode.OK && _stopReason == StopReason.None
                && Method.Type == MethodType.Unary && !HasCredentials;
        }

        _callerLink.Unregister();
        _channelLink.Unregister();
        _streamLink.Unregister();
        if (canReuseStop)
            StopSources.Return(_stop);
        else
            _stop.Dispose();

        if (headers is not null && headers.TrySetException(EndException()))
            _ = headers.Task.Exception;   // Nobody needs to be waiting for it.

        OnEnded(status);
        _response?.Dispose();
    }

    /// <summary>The call has ended: what still sends should stop.</summary>
    protected virtual void OnEnded(in Status status)
    {
    }

    /// <summary>Starts the clock of the call.</summary>
    /// <exception cref="RpcException">The deadline has passed.</exception>
    private TimeSpan? StartDeadline()
    {
        if (Options.Deadline is not { } deadline || deadline == DateTime.MaxValue)
            return null;

        TimeSpan remaining = deadline.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime;
        if (remaining <= TimeSpan.Zero)
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline of the call has passed."));
        if (remaining < s_timerMax)
            _stop.CancelAfter(remaining);

        return remaining;
    }

    private async Task AddCredentialsAsync(HttpRequestMessage request)
    {
        var added = new Metadata();
        var context = new AuthInterceptorContext(
            $"{ChannelMethod.Address.GetLeftPart(UriPartial.Authority)}/{Method.ServiceName}", Method.Name, StopToken);
        if (Channel.Credentials is not null)
            await Channel.Credentials.AddToAsync(context, added);
        if (Options.Credentials is not null)
            await Options.Credentials.AddToAsync(context, added);

        AddTo(request, added);
    }

    private static void AddTo(HttpRequestMessage request, Metadata metadata)
    {
        for (int i = 0; i < metadata.Count; i++)
        {
            Metadata.Entry entry = metadata[i];
            if (!WireMetadata.IsReserved(entry.Key))
                request.Headers.TryAddWithoutValidation(entry.Key, WireMetadata.ValueOf(entry));
        }
    }

    private bool TryEndAtHeaders(HttpResponseMessage response)
    {
        if (ResponseStatus.TryRead(response.Headers, out Status status))
        {
            bool isMessageMissing = Method.Type is MethodType.Unary or MethodType.ClientStreaming;
            if (isMessageMissing && status.StatusCode == StatusCode.OK)
                status = FrameFaults.Missing;

            End(status, ResponseStatus.MetadataOf(response.Headers));
            return true;
        }

        if (response.StatusCode != System.Net.HttpStatusCode.OK)
        {
            End(ResponseStatus.OfHttp(response.StatusCode), trailers: null);
            return true;
        }

        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var contentType);
        if (GrpcProtocol.IsGrpcContentType(contentType.ToString()))
            return false;

        End(new Status(
            StatusCode.Unknown, $"The content type of the response is '{contentType}', not gRPC."), trailers: null);
        return true;
    }

    private Task<Metadata> GetResponseHeadersAsync()
    {
        lock (_gate)
        {
            if (_headersSource is null)
            {
                _headersSource = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_response is not null)
                    _headersSource.SetResult(ResponseStatus.MetadataOf(_response.Headers));
                else if (_hasEnded)
                    _headersSource.SetException(EndException());
            }

            return _headersSource.Task;
        }
    }

    private Status GetStatus()
    {
        lock (_gate)
            return _hasEnded ? _status : throw new InvalidOperationException(
                "The call has not ended: it has no status yet.");
    }

    private Metadata GetTrailers()
    {
        lock (_gate)
        {
            if (!_hasEnded)
                throw new InvalidOperationException("The call has not ended: it has no trailers yet.");

            return _trailers ??= _response is null ? [] : ResponseStatus.MetadataOf(_response.TrailingHeaders);
        }
    }

    // Makes the handler reset the stream although nobody waits on it.
    private void Abort()
    {
        HttpResponseMessage? response;
        lock (_gate)
            response = _response;

        response?.Dispose();
        _ = Fail(new OperationCanceledException());
    }
}
