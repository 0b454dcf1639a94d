using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Hosting;

namespace Node.Peer.Pulling;

/// <summary>Opens Deliver streams to orderers of one channel. Any thread.</summary>
internal sealed class DeliverCalls(PeerNode node, PeerChannel channel)
{
    // Messages stay bytes: a block is decoded once, by the pipeline, and stored as it came.
    private static readonly Method<byte[], RentedMessage> s_blocks = MethodOf(RentedMessage.Marshaller);

    private static readonly Method<byte[], byte[]> s_headers = MethodOf(
        Marshallers.Create(static bytes => bytes, static bytes => bytes));

    /// <summary>Asks for blocks from a number on. Completes when the orderer was reached and asked.</summary>
    /// <exception cref="RpcException">It cannot be reached.</exception>
    public Task<AsyncDuplexStreamingCall<byte[], RentedMessage>> BlocksAsync(
        OrdererEndpoint endpoint, ulong start, CancellationToken cancellationToken) =>
        OpenAsync(s_blocks, endpoint, tls => RequestFrom(start, tls, headersOnly: false), cancellationToken);

    /// <summary>Asks for signed headers from a number on. Completes when the orderer was reached and asked.</summary>
    /// <exception cref="RpcException">It cannot be reached.</exception>
    public Task<AsyncDuplexStreamingCall<byte[], byte[]>> HeadersAsync(
        OrdererEndpoint endpoint, ulong start, CancellationToken cancellationToken) =>
        OpenAsync(s_headers, endpoint, tls => RequestFrom(start, tls, headersOnly: true), cancellationToken);

    private byte[] RequestFrom(ulong start, ReadOnlyMemory<byte> tlsCertificateHash, bool headersOnly) => headersOnly
        ? SeekRequest.ForHeadersFrom(start, channel.Id, node.Signer, tlsCertificateHash, node.Clock.GetUtcNow())
        : SeekRequest.From(start, channel.Id, node.Signer, tlsCertificateHash, node.Clock.GetUtcNow());

    private async Task<AsyncDuplexStreamingCall<byte[], TAnswer>> OpenAsync<TAnswer>(
        Method<byte[], TAnswer> method,
        OrdererEndpoint endpoint,
        Func<ReadOnlyMemory<byte>, byte[]> request,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        GrpcChannel connection = node.Dialer.Dial(endpoint.Host, endpoint.Port, endpoint.TlsRootPems);
        AsyncDuplexStreamingCall<byte[], TAnswer> call = connection.CreateCallInvoker().AsyncDuplexStreamingCall(
            method, host: null, new CallOptions(cancellationToken: cancellationToken));
        bool asked = false;
        try
        {
            await call.RequestStream.WriteAsync(request(node.Dialer.CertificateHashOf(connection)), cancellationToken);
            asked = true;
            return call;
        }
        finally
        {
            if (!asked)
                call.Dispose();
        }
    }

    private static Method<byte[], TAnswer> MethodOf<TAnswer>(Marshaller<TAnswer> answers) => new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        answers);
}
