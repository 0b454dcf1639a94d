using Grpc.Net.Client;
using Node.Protocol;

namespace Node.Hosting.Tls;

/// <summary>gRPC channels with the limits that nodes have among themselves.</summary>
public static class NodeChannel
{
    /// <param name="transport">Disposed of with the channel.</param>
    public static GrpcChannel Over(HttpMessageHandler transport, Uri address) => GrpcChannel.ForAddress(
        address,
        new GrpcChannelOptions
        {
            HttpHandler = transport,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
            MaxSendMessageSize = Limits.GrpcMessageBytesMax,
        });
}
