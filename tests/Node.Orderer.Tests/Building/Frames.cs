using Grpc.Core;
using Node.Orderer.Delivering;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.Tests.Building;

/// <summary>What a client makes of the frames of Deliver.</summary>
internal static class Frames
{
    private static readonly Marshaller<DeliverFrame> s_marshaller = new(
        (frame, context) => frame.Serialize(context),
        _ => throw new NotSupportedException());

    public static DeliverResponse Decode(DeliverFrame frame) =>
        DeliverResponse.Parser.ParseFrom(s_marshaller.Serializer(frame));

    /// <summary>Block numbers and statuses, in order: "1 2 Success".</summary>
    public static string Text(IEnumerable<DeliverResponse> responses) =>
        string.Join(' ', responses.Select(response =>
            response.TypeCase == DeliverResponse.TypeOneofCase.Block
                ? response.Block.Header.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : response.Status.ToString()));
}
