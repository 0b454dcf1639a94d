using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>A call with its messages, of any of the four kinds.</summary>
internal sealed class ClientCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    : ClientCall(channel, method, options)
    where TRequest : class
    where TResponse : class
{
    private FrameContent? _request;             // Of a call with one request,
    private RequestStreamContent? _requests;    // or of one with a stream of them.
    private Task<bool>? _opening;
    private ResponseMessages? _messages;

    public int SendBytesMax => Channel.SendBytesMax;

    public Action<TRequest, SerializationContext> Serialize => method.RequestMarshaller.ContextualSerializer;

    public async Task<TResponse> StartUnaryAsync(TRequest request)
    {
        try
        {
            _request = new FrameContent(PooledFrame.Of(Serialize, request, SendBytesMax));
            bool hasBody = await OpenAsync(_request);
            return await ReadOnlyAsync(hasBody);
        }
        catch (Exception because)
        {
            throw Fail(because);
        }
        finally
        {
            _messages?.Dispose();
        }
    }

    public Task<TResponse> StartClientStreamingAsync(out RequestStreamContent content)
    {
        content = _requests = new RequestStreamContent();
        return FinishClientStreamingAsync(content);
    }

    public void StartServerStreaming(TRequest request) => _opening = OpenServerStreamingAsync(request);

    public void StartDuplex(out RequestStreamContent content)
    {
        content = _requests = new RequestStreamContent();
        _opening = OpenStreamAsync(content);
    }

    /// <returns>Null at the end of a call that ended with OK.</returns>
    /// <exception cref="RpcException">The call ended otherwise.</exception>
    public async Task<TResponse?> ReadNextAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration link =
            cancellationToken.UnsafeRegister(static call => ((ClientCall)call!).Stop(StopReason.Caller), this);
        try
        {
            if (!TryGetEnd(out Status status))
            {
                if (await _opening!)   // Set when the call was started.
                {
                    TResponse? next = await Messages().ReadAsync(
                        method.ResponseMarshaller.ContextualDeserializer, StopToken);
                    if (next is not null)
                        return next;

                    EndWithTrailers(isMessageMissing: false);
                }

                TryGetEnd(out status);
            }

            return status.StatusCode == StatusCode.OK ? null : throw EndException();
        }
        catch (Exception because) when (!HasEnded)
        {
            throw Fail(because);
        }
        catch (Exception because) when (because is not RpcException)
        {
            throw Channel.ThrowsOnCancellation && because is OperationCanceledException ? because : EndException();
        }
    }

    protected override void OnEnded(in Status status)
    {
        _request?.Release(isAnswered: status.StatusCode == StatusCode.OK);
        _requests?.Abandon(status);
    }

    private ResponseMessages Messages()
    {
        if (_messages is not null)
            return _messages;

        HttpResponseMessage response = Response!;   // The call is open.
        string? encoding = response.Headers.NonValidated.TryGetValues(GrpcProtocol.EncodingHeader, out var declared)
            ? declared.ToString()
            : null;
        return _messages = new ResponseMessages(response.Content.ReadAsStream(), encoding, Channel.ReceiveBytesMax);
    }

    private async Task<TResponse> FinishClientStreamingAsync(RequestStreamContent content)
    {
        try
        {
            bool hasBody = await OpenAsync(content);
            return await ReadOnlyAsync(hasBody);
        }
        catch (Exception because)
        {
            throw Fail(because);
        }
        finally
        {
            _messages?.Dispose();
        }
    }

    private async Task<TResponse> ReadOnlyAsync(bool hasBody)
    {
        TResponse? response = null;
        if (hasBody)
        {
            ResponseMessages messages = Messages();
            response = await messages.ReadAsync(method.ResponseMarshaller.ContextualDeserializer, StopToken);
            if (response is not null)
                await messages.ReadEndAsync(StopToken);
        }

        if (hasBody && EndWithTrailers(isMessageMissing: response is null).StatusCode == StatusCode.OK)
            return response!;   // An OK without a message was made an error.

        throw EndException();
    }

    private async Task<bool> OpenServerStreamingAsync(TRequest request)
    {
        try
        {
            _request = new FrameContent(PooledFrame.Of(Serialize, request, SendBytesMax));
        }
        catch (Exception because)
        {
            _ = Fail(because);
            return false;
        }

        return await OpenStreamAsync(_request);
    }

    private async Task<bool> OpenStreamAsync(HttpContent content)
    {
        try
        {
            return await OpenAsync(content);
        }
#pragma warning disable CA1031 // Kept as the status of the call, which whoever reads the stream is told.
        catch (Exception because)
#pragma warning restore CA1031
        {
            _ = Fail(because);
            return false;
        }
    }
}
