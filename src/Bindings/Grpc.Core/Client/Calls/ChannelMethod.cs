using Grpc.Core;
using Grpc.Core.Framing;
using Microsoft.Extensions.ObjectPool;

namespace Grpc.Net.Client.Calls;

/// <summary>A request of one message with the HTTP request around it.</summary>
internal sealed class FrameRequest(Uri address)
{
    public FrameContent Content { get; } = new();

    public HttpRequestMessage Message { get; } = ChannelMethod.MakeMessage(address);

    /// <summary>True while the request says nothing of one caller but its deadline.</summary>
    public bool IsReusable { get; set; } = true;
}

/// <summary>What a channel keeps for each method it calls.</summary>
internal sealed class ChannelMethod(Uri address, bool reusesRequests)
{
    // Requests kept for the next calls: about as many as one connection carries at a time.
    private const int RequestsKept = 128;

    private readonly DefaultObjectPool<FrameRequest>? _requests =
        reusesRequests ? new DefaultObjectPool<FrameRequest>(new Requests(address), RequestsKept) : null;

    public Uri Address => address;

    public static HttpRequestMessage MakeMessage(Uri address)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Headers.TryAddWithoutValidation("te", "trailers");
        return message;
    }

    /// <exception cref="RpcException">The message is larger than <paramref name="bytesMax"/>.</exception>
    public FrameRequest Rent<T>(Action<T, SerializationContext> serialize, T message, int bytesMax)
    {
        FrameRequest request = _requests?.Get() ?? new FrameRequest(address);
        request.Content.Fill(serialize, message, bytesMax);
        request.Message.Content ??= request.Content;
        return request;
    }

    /// <summary>Takes a request back whose call was answered.</summary>
    public void Return(FrameRequest request)
    {
        if (request.Content.TryRelease(isAnswered: true) && request.IsReusable)
            _requests?.Return(request);
    }

    private sealed class Requests(Uri address) : PooledObjectPolicy<FrameRequest>
    {
        public override FrameRequest Create() => new(address);

        public override bool Return(FrameRequest obj)
        {
            obj.Message.Headers.Remove(GrpcProtocol.TimeoutHeader);
            return true;
        }
    }
}
