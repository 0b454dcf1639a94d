using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Protocol.Wire.Gateway;
using RpcStatus = Node.Protocol.Wire.Rpc.Status;
using Status = Grpc.Core.Status;

namespace Node.Peer.Gateways;

/// <summary>One node's refusal, as clients find it in the details of a gRPC error (fabric-wire B21).</summary>
internal sealed record NodeFault(string Address, string MspId, string Message);

/// <summary>Builds the gRPC errors of the Gateway service, with <c>grpc-status-details-bin</c>.</summary>
internal static class GatewayFaults
{
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string DetailType = "type.googleapis.com/gateway.ErrorDetail";

    public static RpcException Invalid(string message) => Of(StatusCode.InvalidArgument, message, []);

    public static RpcException Of(StatusCode code, string message, IReadOnlyList<NodeFault> faults)
    {
        var trailers = new Metadata();
        if (faults.Count > 0)
        {
            var status = new RpcStatus { Code = (int)code, Message = message };
            foreach (NodeFault fault in faults)
                status.Details.Add(DetailOf(fault));

            trailers.Add(DetailsTrailer, status.ToByteArray());
        }

        return new RpcException(new Status(code, message), trailers);
    }

    private static Any DetailOf(NodeFault fault) => new()
    {
        TypeUrl = DetailType,
        Value = new ErrorDetail
        {
            Address = fault.Address, MspId = fault.MspId, Message = fault.Message,
        }.ToByteString(),
    };
}
