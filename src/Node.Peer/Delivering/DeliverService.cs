using Grpc.Core;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using DeliverBase = Node.Protocol.Wire.Peer.Deliver.DeliverBase;

namespace Node.Peer.Delivering;

/// <summary>The wire face of block delivery: whole, filtered, with private data.</summary>
internal sealed class DeliverService(PeerNode node, PeerOptions options, OpenStreams streams) : DeliverBase
{
    private readonly FullBlocks _full = new();
    private readonly FilteredBlocks _filtered = new();
    private readonly BlocksWithPrivateData _withPrivateData = new();
    private readonly bool _tlsHashRequired = options.Tls?.ClientCertificateRequired ?? false;

    public override Task Deliver(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(_full, requestStream, responseStream, context);

    public override Task DeliverFiltered(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(_filtered, requestStream, responseStream, context);

    public override Task DeliverWithPrivateData(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<DeliverResponse> responseStream,
        ServerCallContext context) => RunAsync(_withPrivateData, requestStream, responseStream, context);

    private Task RunAsync(
        IDeliverForm<DeliverResponse> form, IAsyncStreamReader<Envelope> requests,
        IServerStreamWriter<DeliverResponse> responses, ServerCallContext context)
    {
        var session = new DeliverSession<DeliverResponse>(
            node, form, new TlsBinding(_tlsHashRequired, TlsHashOf(context)));
        return streams.ServeAsync(
            whenStopping: StatusCode.Unavailable,
            token => session.RunAsync(requests, responses, token),
            context.CancellationToken);
    }

    private static Hash32? TlsHashOf(ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate is { } certificate
            ? Hash32.Of(certificate.RawData)
            : null;
}
