using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Node.Orderer.Broadcasting;
using Node.Orderer.Delivering;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>The wire face of the orderer. Admits streams and hands them on; decides nothing.</summary>
[BindServiceMethod(typeof(AtomicBroadcastBinding), nameof(AtomicBroadcastBinding.BindService))]
internal sealed class AtomicBroadcastService(
    DeliverSetting setting, OrdererMetrics metrics, ILogger<AtomicBroadcastService> logger)
{
    private readonly StreamGate _broadcasts = new("Broadcast streams", OrdererLimits.BroadcastStreamsMax);
    private readonly StreamGate _deliveries = new("Deliver streams", Limits.DeliverStreamsMax);

    /// <summary>Takes envelopes for ordering.</summary>
    /// <exception cref="RpcException"><c>RESOURCE_EXHAUSTED</c>: too many streams, or a message over the
    /// limit.</exception>
    public async Task Broadcast(
        IAsyncStreamReader<EnvelopeBytes> requests,
        IServerStreamWriter<BroadcastResponse> responses,
        ServerCallContext context)
    {
        using StreamGate.Place _ = _broadcasts.EnterOrThrow();
        var stream = new BroadcastStream(setting.Channels, KeepsOpen(context), answer => Answered(answer, context));
        await stream.RunAsync(requests, responses, context.CancellationToken);
    }

    /// <summary>Sends blocks.</summary>
    /// <exception cref="RpcException"><c>RESOURCE_EXHAUSTED</c>: too many streams, try another orderer.</exception>
    public async Task Deliver(
        IAsyncStreamReader<EnvelopeBytes> requests,
        IServerStreamWriter<DeliverFrame> responses,
        ServerCallContext context)
    {
        using StreamGate.Place _ = _deliveries.EnterOrThrow();
        var stream = new DeliverStream(
            setting,
            PresentedCertificate(context),
            (status, why) => OrdererLog.DeliverEnded(logger, context.Peer, status, why));
        await stream.RunAsync(requests, responses, context.CancellationToken);
    }

    private static bool KeepsOpen(ServerCallContext context) =>
        context.RequestHeaders.GetValue(BroadcastHeaders.KeepOpen) == "1";

    private static Hash32? PresentedCertificate(ServerCallContext context)
    {
        X509Certificate2? certificate = context.GetHttpContext().Connection.ClientCertificate;
        return certificate is null ? null : Hash32.Of(certificate.RawDataMemory.Span);
    }

    private void Answered(BroadcastAnswer answer, ServerCallContext context)
    {
        metrics.Answered(answer.Status);
        if (!answer.IsSuccess)
            OrdererLog.BroadcastRefused(logger, context.Peer, answer.Status, answer.Text);
    }
}
