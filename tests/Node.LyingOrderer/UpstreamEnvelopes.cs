using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Node.Protocol;

namespace Node.LyingOrderer;

/// <summary>
/// Passes Broadcast on to an honest orderer, so that peers have no reason to send their envelopes elsewhere.
/// </summary>
/// <remarks>Any thread.</remarks>
public sealed class UpstreamEnvelopes : IDisposable
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(
        static value => value, static value => value);

    private static readonly Method<byte[], byte[]> s_broadcast = new(
        MethodType.DuplexStreaming, "orderer.AtomicBroadcast", "Broadcast", s_bytes, s_bytes);

    private readonly GrpcChannel _connection;

    /// <param name="upstream">host:port.</param>
    /// <param name="rootFile">PEM of its TLS root; null speaks plaintext.</param>
    public UpstreamEnvelopes(string upstream, string? rootFile) =>
        _connection = UpstreamConnection.Open(upstream, rootFile);

    /// <summary>One stream, until either side ends it.</summary>
    /// <exception cref="RpcException">The honest orderer cannot be reached, or ended it.</exception>
    public async Task RelayAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using AsyncDuplexStreamingCall<byte[], byte[]> call = _connection.CreateCallInvoker().AsyncDuplexStreamingCall(
            s_broadcast, host: null,
            new CallOptions(
                new Metadata { { BroadcastHeaders.KeepOpen, "1" } }, cancellationToken: cancellationToken));
        await context.Response.StartAsync(cancellationToken);
        Task sending = SendAsync(context.Request.Body, call.RequestStream, cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            await context.Response.Body.WriteAsync(GrpcFrames.Of(call.ResponseStream.Current), cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
        }

        context.Response.AppendTrailer("grpc-status", "0");
        await sending;
    }

    public void Dispose() => _connection.Dispose();

    private static async Task SendAsync(
        Stream body, IClientStreamWriter<byte[]> upstream, CancellationToken cancellationToken)
    {
        while (await GrpcFrames.ReadAsync(body, cancellationToken) is { } envelope)
            await upstream.WriteAsync(envelope, cancellationToken);

        await upstream.CompleteAsync();
    }
}
