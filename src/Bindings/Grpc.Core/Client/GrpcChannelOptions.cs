using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client;

/// <summary>How a channel connects, and its limits.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Null takes what the address says: TLS for https, none for http.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>Largest request message, in bytes. Null, the default, is no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Largest response message, in bytes. The default is 4 MiB; null lifts the limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = GrpcProtocol.ReceiveMessageBytesDefault;

    /// <summary>
    /// Carries the calls instead of a handler of the channel's own. Its TLS, keep-alive and connection options hold.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Carries the calls instead of a handler. Not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>True disposes of the given handler or client with the channel.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// True throws <see cref="OperationCanceledException"/> where a call was cancelled or its deadline passed here.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }
}
