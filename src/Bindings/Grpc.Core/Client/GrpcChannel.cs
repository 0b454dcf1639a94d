using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client.Calls;

namespace Grpc.Net.Client;

/// <summary>
/// Calls to one address, over as few HTTP/2 connections as carry them. Safe for any number of threads.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    // Bytes a server may send on one stream before it hears that they were read: a block of the usual size.
    private const int StreamWindowBytes = 1024 * 1024;

    private readonly ConcurrentDictionary<IMethod, ChannelMethod> _methods = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Uri _address;
    private readonly HttpMessageInvoker? _owned;
    private readonly bool _reusesRequests;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        _address = address;
        ReceiveBytesMax = options.MaxReceiveMessageSize ?? int.MaxValue;
        SendBytesMax = options.MaxSendMessageSize ?? int.MaxValue;
        ThrowsOnCancellation = options.ThrowOperationCanceledOnCancellation;
        Credentials = options.Credentials?.Calls;
        HttpMessageHandler? handler = options.HttpClient is null ? options.HttpHandler ?? MakeHandler() : null;
        // One of the two is given.
        Invoker = options.HttpClient ?? new HttpMessageInvoker(handler!, disposeHandler: true);
        _reusesRequests = handler is not null && LeavesRequestsAlone(handler);
        _owned =
            options.DisposeHttpClient || (options.HttpClient ?? (object?)options.HttpHandler) is null ? Invoker : null;
    }

    internal HttpMessageInvoker Invoker { get; }

    internal int ReceiveBytesMax { get; }

    internal int SendBytesMax { get; }

    internal bool ThrowsOnCancellation { get; }

    internal CallCredentials? Credentials { get; }

    /// <summary>Cancelled when the channel is disposed of.</summary>
    internal CancellationToken Disposed => _disposed.Token;

    internal bool IsDisposed => _disposed.IsCancellationRequested;

    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) =>
        ForAddress(new Uri(address), channelOptions);

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. It connects at its first call.</summary>
    /// <param name="address"><c>http://host:port</c> for HTTP/2 in the clear, <c>https://host:port</c> for TLS.</param>
    /// <exception cref="ArgumentException">The address is neither, or contradicts the options.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        bool isSecure = address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttps;
        if (!isSecure && !(address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttp))
            throw new ArgumentException(
                $"'{address}' is neither http://host:port nor https://host:port.", nameof(address));
        if (channelOptions.Credentials is { } credentials && credentials.IsSecure != isSecure)
            throw new ArgumentException(
                $"The credentials do not fit the scheme of '{address}'.", nameof(channelOptions));
        if (channelOptions.HttpClient is not null && channelOptions.HttpHandler is not null)
            throw new ArgumentException("HttpClient and HttpHandler exclude each other.", nameof(channelOptions));

        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the streaming calls that run and closes the channel's own connections.</summary>
    public void Dispose()
    {
        if (IsDisposed)
            return;

        _disposed.Cancel();
        _owned?.Dispose();
    }

    internal ChannelMethod MethodOf(IMethod method)
    {
        if (_methods.TryGetValue(method, out ChannelMethod? known))
            return known;

        return _methods.GetOrAdd(method, new ChannelMethod(new Uri(_address, method.FullName), _reusesRequests));
    }

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    // Redirects, cookies, proxies and tracing headers have no meaning here and cost each call something.
    private static SocketsHttpHandler MakeHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = false,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
    };

    // What others add to a request would still be there when it is sent again.
    private static bool LeavesRequestsAlone(HttpMessageHandler handler) =>
        handler is SocketsHttpHandler { ActivityHeadersPropagator: null, AllowAutoRedirect: false, Credentials: null };
}
