using System.Runtime.CompilerServices;
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
    private FrameRequest? _request;             // Of a call with one request,
    private RequestStreamContent? _requests;    // or of one with a stream of them.
    private Task<bool>? _opening;
    private ResponseMessages? _messages;

    public int SendBytesMax => Channel.SendBytesMax;

    public Action<TRequest, SerializationContext> Serialize => method.RequestMarshaller.ContextualSerializer;

    public async Task<TResponse> StartUnaryAsync(TRequest request)
    {
        try
        {
            bool hasBody = await OpenAsync(Rent(request));
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
        HttpRequestMessage request = MakeStreamRequest(out content);
        return FinishClientStreamingAsync(request);
    }

    public void StartServerStreaming(TRequest request) => _opening = OpenServerStreamingAsync(request);

    public void StartDuplex(out RequestStreamContent content)
    {
        HttpRequestMessage request = MakeStreamRequest(out content);
        _opening = OpenStreamAsync(request);
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
                    Messages().Dispose();
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
        _requests?.Abandon(status);
        if (_request is null)
            return;

        if (status.StatusCode == StatusCode.OK)
            ChannelMethod.Return(_request);
        else
            _request.Content.TryRelease(isAnswered: false);
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

    private async Task<TResponse> FinishClientStreamingAsync(HttpRequestMessage request)
    {
        try
        {
            bool hasBody = await OpenAsync(request);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResponse> ReadOnlyAsync(bool hasBody)
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
        HttpRequestMessage message;
        try
        {
            message = Rent(request);
        }
        catch (Exception because)
        {
            _ = Fail(because);
            return false;
        }

        return await OpenStreamAsync(message);
    }

    private HttpRequestMessage Rent(TRequest request)
    {
        _request = ChannelMethod.Rent(Serialize, request, SendBytesMax);
        _request.IsReusable = Options.Headers is null && !HasCredentials;
        return _request.Message;
    }

    private HttpRequestMessage MakeStreamRequest(out RequestStreamContent content)
    {
        content = _requests = new RequestStreamContent();
        HttpRequestMessage message = ChannelMethod.MakeMessage(ChannelMethod.Address);
        message.Content = content;
        return message;
    }

    private async Task<bool> OpenStreamAsync(HttpRequestMessage request)
    {
        try
        {
            return await OpenAsync(request);
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
