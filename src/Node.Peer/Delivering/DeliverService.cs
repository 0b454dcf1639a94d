using Grpc.Core;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using DeliverBase = Node.Protocol.Wire.Peer.Deliver.DeliverBase;

namespace Node.Peer.Delivering;

/// <summary>The wire face of block delivery: whole, filtered, with private data.</summary>
internal sealed class DeliverService(PeerNode node, PeerOptions options) : DeliverBase
{
    private static readonly FullBlocks s_full = new();
    private static readonly FilteredBlocks s_filtered = new();
    private static readonly BlocksWithPrivateData s_withPrivateData = new();

    private readonly bool _tlsHashRequired = options.Tls?.ClientCertificateRequired ?? false;
    private int _streams;

    public override Task Deliver(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(s_full, requestStream, responseStream, context);

    public override Task DeliverFiltered(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(s_filtered, requestStream, responseStream, context);

    public override Task DeliverWithPrivateData(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(s_withPrivateData, requestStream, responseStream, context);

    private async Task RunAsync(
        IDeliverForm<DeliverResponse> form, IAsyncStreamReader<Envelope> requests,
        IServerStreamWriter<DeliverResponse> responses, ServerCallContext context)
    {
        if (Interlocked.Increment(ref _streams) > Limits.DeliverStreamsMax)
        {
            Interlocked.Decrement(ref _streams);
            throw new RpcException(new Grpc.Core.Status(
                StatusCode.ResourceExhausted,
                $"this peer serves {Limits.DeliverStreamsMax} deliver streams already; ask another peer or later"));
        }

        try
        {
            var session = new DeliverSession<DeliverResponse>(node, form, TlsHashOf(context), _tlsHashRequired);
            await session.RunAsync(requests, responses, context.CancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    private static ReadOnlyMemory<byte> TlsHashOf(ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate is { } certificate
            ? Hash32.Of(certificate.RawData).ToArray()
            : default;
}
