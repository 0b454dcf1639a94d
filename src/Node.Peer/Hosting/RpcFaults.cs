using Grpc.Core;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>
/// Which gRPC status an exception of ours becomes. Whatever is not here is a bug and answered INTERNAL, without
/// detail.
/// </summary>
internal static class RpcFaults
{
    public static RpcException InvalidArgument(string fault) => new(new Status(StatusCode.InvalidArgument, fault));

    public static StatusCode StatusOf(Exception exception) => exception switch
    {
        OverloadedException => StatusCode.ResourceExhausted,
        PeerUnreachableException or NotLeaderException or StorageFailedException => StatusCode.Unavailable,
        LedgerCorruptException => StatusCode.DataLoss,
        OperationCanceledException => StatusCode.Cancelled,
        _ => StatusCode.Internal,
    };

    public static Status ToStatus(Exception exception)
    {
        StatusCode code = StatusOf(exception);
        string detail = code switch
        {
            StatusCode.Internal => "internal error; the peer's log says more",
            StatusCode.Cancelled => "cancelled",
            _ => exception.Message,
        };
        return new Status(code, detail);
    }
}
