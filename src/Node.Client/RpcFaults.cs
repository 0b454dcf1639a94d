using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Protocol;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>Turns gRPC statuses into the SDK's exceptions. The only place that reads status details.</summary>
internal static class RpcFaults
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>What each node said, from the trailer; empty when there is none or it cannot be read.</summary>
    public static IReadOnlyList<EndorserFault> DetailsOf(RpcException fault)
    {
        byte[]? trailer = fault.Trailers.GetValueBytes(DetailsTrailer);
        if (trailer is null)
            return [];

        var details = new List<EndorserFault>();
        try
        {
            foreach (Any any in Wire.Rpc.Status.Parser.ParseFrom(trailer).Details)
            {
                if (any.TryUnpack(out Wire.Gateway.ErrorDetail detail))
                    details.Add(new EndorserFault(detail.Address, detail.MspId, detail.Message));
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // The status itself still says what went wrong; details that cannot be read add nothing to it.
        }

        return details;
    }

    /// <summary>
    /// The exception for a failed call: the peer is not there, or what the caller makes of its refusal.
    /// </summary>
    /// <param name="step">A sentence's beginning: "Transaction ab12… was not endorsed".</param>
    public static Exception Translate(
        RpcException fault, string endpoint, string step, Func<string, GatewayException> refusal)
    {
        if (fault.StatusCode == StatusCode.Unavailable && fault.Trailers.Get(DetailsTrailer) is null
            && fault.Status.DebugException is not null)
            return new PeerUnreachableException(endpoint, Innermost(fault.Status.DebugException).Message, fault);

        return refusal($"{step}: {Describe(fault)}");
    }

    private static string Describe(RpcException fault)
    {
        IReadOnlyList<EndorserFault> details = DetailsOf(fault);
        if (details.Count > 0)
            return string.Join(
                "; ", details.GroupBy(detail => detail.Message, StringComparer.Ordinal).Select(Describe));

        return fault.Status.Detail.Length > 0 ? fault.Status.Detail : fault.StatusCode.ToString();
    }

    // Endorsers that refuse for the same reason are told once, together.
    private static string Describe(IGrouping<string, EndorserFault> same) =>
        $"{string.Join(" and ", same.Select(detail => detail.Node))}: {same.Key}";

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;

        return exception;
    }
}
