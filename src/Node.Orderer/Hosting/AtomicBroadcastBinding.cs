using Google.Protobuf;
using Grpc.Core;
using Node.Orderer.Broadcasting;
using Node.Orderer.Delivering;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>The methods of orderer.AtomicBroadcast with marshallers that leave envelopes and blocks as they
/// are.</summary>
/// <remarks>
/// Written by hand because generated stubs decode every envelope and encode every block. Names and wire types are those
/// of services/atomic_broadcast.proto; a test calls them with the generated client.
/// </remarks>
internal static class AtomicBroadcastBinding
{
    public const string Service = "orderer.AtomicBroadcast";

    private static readonly Marshaller<EnvelopeBytes> s_envelopes = new(
        (envelope, context) => context.Complete(envelope.Bytes.ToArray()),
        context => new EnvelopeBytes(context.PayloadAsNewBuffer()));

    private static readonly Marshaller<BroadcastResponse> s_responses =
        new(response => response.ToByteArray(), BroadcastResponse.Parser.ParseFrom);

    // The server only ever writes frames.
    private static readonly Marshaller<DeliverFrame> s_frames = new(
        (frame, context) => frame.Serialize(context),
        _ => throw new NotSupportedException("Frames are sent, never received."));

    private static readonly Method<EnvelopeBytes, BroadcastResponse> s_broadcast =
        new(MethodType.DuplexStreaming, Service, nameof(AtomicBroadcastService.Broadcast), s_envelopes, s_responses);

    private static readonly Method<EnvelopeBytes, DeliverFrame> s_deliver =
        new(MethodType.DuplexStreaming, Service, nameof(AtomicBroadcastService.Deliver), s_envelopes, s_frames);

    /// <summary>Found through the attribute on the service.</summary>
    public static void BindService(ServiceBinderBase binder, AtomicBroadcastService? service)
    {
        DuplexStreamingServerMethod<EnvelopeBytes, BroadcastResponse>? broadcast =
            service is null ? null : service.Broadcast;
        DuplexStreamingServerMethod<EnvelopeBytes, DeliverFrame>? deliver = service is null ? null : service.Deliver;
        binder.AddMethod(s_broadcast, broadcast);
        binder.AddMethod(s_deliver, deliver);
    }
}
