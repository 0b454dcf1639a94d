using Grpc.Core;
using Grpc.Core.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>This half begins and ends the call, be it by the method, by a fault or by the deadline.</summary>
internal sealed partial class HttpServerCallContext
{
    private const int ResetCancel = 0x8;          // RFC 9113, section 7.
    private const int ResetInternalError = 0x2;   // As above.
    private const int ResetNoError = 0x0;         // As above.

    // Kestrel's own limit on a body; what may be larger has it lifted, since messages have limits of their own.
    private const int BodyBytesKestrel = 16 * 1024 * 1024;

    // Longer timeouts than a timer can count are none.
    private static readonly TimeSpan s_timeoutMax = TimeSpan.FromMilliseconds(int.MaxValue);

    // Guards _closed, _deadlinePassed, _deadlineSource and _deadlineAnswer.
    private readonly Lock _gate = new();

    private DateTime _deadline = DateTime.MaxValue;
    private ITimer? _deadlineTimer;                       // Null for a call without a deadline.
    private CancellationTokenSource? _deadlineSource;     // Made when the method asks for its token.
    private CancellationTokenRegistration _abortLink;
    private Task? _deadlineAnswer;
    private bool _deadlinePassed;
    private bool _closedByMethod;                         // Invariant: false if the deadline closed the call.
    private volatile bool _closed;                        // Invariant: whoever set it writes the end of the response.

    /// <summary>Reads the headers that steer the call and starts its deadline.</summary>
    /// <returns>False with the status to refuse the call with.</returns>
    public bool TryBegin(out Status refusal)
    {
        refusal = default;
        IHeaderDictionary headers = http.Request.Headers;
        http.Response.Headers.ContentType = GrpcProtocol.ContentType;
        StringValues encoding = headers.GrpcEncoding;
        if (encoding.Count > 0 && !TryAccept(encoding.ToString(), out refusal))
            return false;

        if (settings.IsRequestStream || settings.ReceiveBytesMax > BodyBytesKestrel)
            LiftBodyLimits();

        StringValues timeout = headers.GrpcTimeout;
        return timeout.Count == 0 || TryStartDeadline(timeout.ToString(), out refusal);
    }

    /// <summary>Ends the call with the method's response.</summary>
    public void EndWith<T>(Action<T, SerializationContext> serialize, T? response)
        where T : class
    {
        if (response is null)
        {
            EndWith(new Status(StatusCode.Cancelled, "No message returned from method."));
            return;
        }

        if (!TryClose())
            return;

        // A status other than OK stands alone: a unary response then has no message.
        if (_status.StatusCode == StatusCode.OK)
            WriteFrame(http.Response.BodyWriter, serialize, response);

        WriteEnd(_status);
    }

    /// <summary>Ends the call after a response stream, with the status the method left.</summary>
    public void End()
    {
        if (TryClose())
            WriteEnd(_status);
    }

    public void EndWith(in Status status)
    {
        CallLog.CallFailed(settings.Logger, settings.FullName, status.StatusCode, status.Detail);
        if (TryClose())
            WriteEnd(status);
    }

    /// <summary>Ends the call after an exception. Never throws.</summary>
    public void EndWith(Exception because)
    {
        try
        {
            // After the deadline's answer an exception is the method's way to stop.
            if (_closedByMethod || TryClose())
                WriteEnd(StatusOf(because));
        }
#pragma warning disable CA1031 // The connection carries other calls: nothing may pass from here into the server.
        catch (Exception worse)
#pragma warning restore CA1031
        {
            CallLog.EndFailed(settings.Logger, settings.FullName, worse);
            Reset(ResetInternalError);
        }
    }

    /// <summary>
    /// Waits for what still touches the request besides the method, and gives back the timer. Always the last step.
    /// </summary>
    /// <remarks>The server uses the same objects for its next request: nobody may write here any longer.</remarks>
    public ValueTask ReleaseAsync() =>
        _deadlineTimer is null && _writing is null ? ValueTask.CompletedTask : ReleaseSlowlyAsync();

    private async ValueTask ReleaseSlowlyAsync()
    {
        if (_deadlineTimer is not null)
        {
            await _deadlineTimer.DisposeAsync();
            if (_deadlineAnswer is not null)
                await _deadlineAnswer;

            await _abortLink.DisposeAsync();
            _deadlineSource?.Dispose();
        }

        // A write the method did not wait for ends before the stream does.
        if (_writing is not null)
        {
            await _writing.WaitAsync(CancellationToken.None);
            LeaveWriting();
        }
    }

    private bool TryAccept(string encoding, out Status refusal)
    {
        refusal = default;
        if (encoding == GrpcProtocol.Gzip)
        {
            _requestEncoding = encoding;
            return true;
        }

        if (encoding == GrpcProtocol.Identity)
            return true;

        http.Response.Headers.GrpcAcceptEncoding = GrpcProtocol.AcceptedEncodings;
        refusal = new Status(
            StatusCode.Unimplemented,
            $"grpc-encoding '{encoding}' is not supported: use one of {GrpcProtocol.AcceptedEncodings}.");
        return false;
    }

    private void LiftBodyLimits()
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        // A stream may rest for as long as it likes.
        if (settings.IsRequestStream && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private bool TryStartDeadline(string text, out Status refusal)
    {
        if (!GrpcProtocol.TryParseTimeout(text, out TimeSpan timeout))
        {
            refusal = new Status(
                StatusCode.Internal, $"grpc-timeout '{text}' is not up to eight digits and one of H M S m u n.");
            return false;
        }

        refusal = new Status(StatusCode.DeadlineExceeded, "The deadline had passed when the call arrived.");
        if (timeout == TimeSpan.Zero)
            return false;

        DateTime now = settings.Time.GetUtcNow().UtcDateTime;
        _deadline = timeout > DateTime.MaxValue - now ? DateTime.MaxValue : now + timeout;
        if (timeout < s_timeoutMax)
        {
            _deadlineTimer = settings.Time.CreateTimer(
                static call => ((HttpServerCallContext)call!).OnDeadline(), this, timeout, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    private CancellationToken DeadlineToken()
    {
        lock (_gate)
        {
            if (_deadlineSource is null)
            {
                _deadlineSource = new CancellationTokenSource();
                if (_deadlinePassed)
                    _deadlineSource.Cancel();
                else
                    _abortLink = http.RequestAborted.UnsafeRegister(
                        static source => ((CancellationTokenSource)source!).Cancel(), _deadlineSource);
            }

            return _deadlineSource.Token;
        }
    }

    // The client is answered before the method is told: it may take its time to stop.
    private void OnDeadline()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (_closed)
                return;

            _closed = true;
            _deadlinePassed = true;
            _deadlineAnswer = AnswerDeadlineAsync();
            source = _deadlineSource;
        }

        try
        {
            source?.Cancel();
        }
        catch (AggregateException because)
        {
            // What a method registered on its token failed. The call is answered already.
            CallLog.MethodThrew(settings.Logger, settings.FullName, because);
        }
    }

    private async Task AnswerDeadlineAsync()
    {
        CallLog.DeadlinePassed(settings.Logger, settings.FullName);
        try
        {
            // A write that hangs because the client reads no more will not make way for trailers.
            if (_writing is not null && !_writing.Wait(0, CancellationToken.None))
            {
                Reset(ResetCancel);
                return;
            }

            // Without the method's trailers: it may be adding to them at this moment.
            var status = new Status(StatusCode.DeadlineExceeded, "The deadline of the call has passed.");
            CallMetadata.WriteStatus(status, EndDestination());
            LeaveWriting();
            await http.Response.CompleteAsync();
            if (settings.IsRequestStream)
                Reset(ResetNoError);

            http.Request.BodyReader.CancelPendingRead();
        }
#pragma warning disable CA1031 // Runs on a timer: an exception here would end the program.
        catch (Exception because)
#pragma warning restore CA1031
        {
            CallLog.EndFailed(settings.Logger, settings.FullName, because);
        }
    }

    private bool TryClose()
    {
        if (_deadlineTimer is null)
        {
            bool isFirst = !_closed;
            _closed = true;
            return _closedByMethod = isFirst;
        }

        lock (_gate)
        {
            bool isFirst = !_closed;
            _closed = true;
            return _closedByMethod = isFirst;
        }
    }

    private void Reset(int code) => http.Features.Get<IHttpResetFeature>()?.Reset(code);

    private void WriteEnd(in Status status)
    {
        IHeaderDictionary destination = EndDestination();
        CallMetadata.WriteStatus(status, destination);
        if (_responseTrailers is not null)
            CallMetadata.Write(_responseTrailers, destination, settings.Logger);
    }

    // Without a body the whole answer is one block of headers, which gRPC calls Trailers-Only.
    private IHeaderDictionary EndDestination() =>
        _bodyBegun || http.Response.HasStarted
            ? http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : http.Response.Headers;

    private Status StatusOf(Exception because)
    {
        switch (because)
        {
            case RpcException rpc:
                CallLog.CallFailed(settings.Logger, settings.FullName, rpc.StatusCode, rpc.Status.Detail);
                TakeTrailersOf(rpc);
                return rpc.StatusCode == StatusCode.OK ? _status : rpc.Status;
            case OperationCanceledException or IOException when http.RequestAborted.IsCancellationRequested:
                CallLog.ClientLeft(settings.Logger, settings.FullName);
                return Status.DefaultCancelled;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new Status(StatusCode.ResourceExhausted, "The request body is larger than the server accepts.");
            default:
                CallLog.MethodThrew(settings.Logger, settings.FullName, because);
                string detail = "Exception was thrown by handler.";
                if (settings.ShowsExceptions)
                    detail += $" {because.GetType().Name}: {because.Message}";

                return new Status(StatusCode.Unknown, detail, because);
        }
    }

    private void TakeTrailersOf(RpcException rpc)
    {
        foreach (Metadata.Entry entry in rpc.Trailers)
        {
            // The exception may be thrown with the call's own trailers.
            if (!ReferenceEquals(rpc.Trailers, _responseTrailers))
                ResponseTrailers.Add(entry);
        }
    }
}
