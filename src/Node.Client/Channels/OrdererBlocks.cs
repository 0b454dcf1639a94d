using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Membership.Material;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Client.Channels;

/// <summary>Fetches single blocks from an orderer, as Fabric's peer channel fetch. Any thread.</summary>
/// <remarks>Blocks come as the orderer has them and are not verified.</remarks>
public sealed class OrdererBlocks : IDisposable
{
    private static readonly Method<byte[], byte[]> s_deliver = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        "Deliver",
        Marshallers.Create(static bytes => bytes, static bytes => bytes),
        Marshallers.Create(static bytes => bytes, static bytes => bytes));

    private readonly OrdererAddress _address;
    private readonly SigningIdentity _signer;
    private readonly TimeProvider _clock;
    private readonly GrpcChannel _connection;

    /// <param name="signer">Of an organisation of the channel; the caller's.</param>
    /// <param name="client">Presented to the orderer; null presents nothing.</param>
    public OrdererBlocks(OrdererAddress address, SigningIdentity signer, MemberLayout? client, TimeProvider clock)
    {
        _address = address;
        _signer = signer;
        _clock = clock;
        _connection = GrpcChannel.ForAddress(
            new Uri($"https://{address}"),
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { UseProxy = false, SslOptions = address.TlsFor(client) },
                DisposeHttpClient = true,
                MaxReceiveMessageSize = Limits.GrpcMessageBytesMax,
            });
    }

    /// <param name="number">Null fetches the newest one.</param>
    /// <returns>The serialized common.Block, or null and why there is none.</returns>
    /// <exception cref="PeerUnreachableException">The orderer does not answer.</exception>
    public async Task<(byte[]? Block, string Refusal)> FetchAsync(
        ChannelId channel, ulong? number, CancellationToken cancellation)
    {
        try
        {
            using AsyncDuplexStreamingCall<byte[], byte[]> call = _connection.CreateCallInvoker()
                .AsyncDuplexStreamingCall(s_deliver, host: null, new CallOptions(cancellationToken: cancellation));
            byte[] request = SeekRequest.One(number, channel, _signer, default, _clock.GetUtcNow());
            await call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);
            if (!await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false)
                || !DeliverAnswer.TryDecode(call.ResponseStream.Current, out DeliverAnswer answer))
                return (null, $"the orderer {_address} answered nothing that can be read");

            return answer.IsBlock
                ? (answer.Block.ToArray(), "")
                : (null, $"the orderer {_address} answered {Words(answer.Status, channel)}");
        }
        catch (RpcException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new PeerUnreachableException(_address.ToString(), failure.Status.Detail, failure);
        }
    }

    /// <summary>The newest configuration block.</summary>
    /// <inheritdoc cref="FetchAsync"/>
    public async Task<(byte[]? Block, string Refusal)> FetchConfigAsync(
        ChannelId channel, CancellationToken cancellation)
    {
        (byte[]? newest, string refusal) = await FetchAsync(channel, number: null, cancellation).ConfigureAwait(false);
        if (newest is null)
            return (null, refusal);
        if (!BlockBytes.TryDecode(newest, out BlockBytes? block, out string? fault)
            || !DecodedBlockSignatures.TryDecode(
                block.Slot((int)BlockMetadataIndex.Signatures), out DecodedBlockSignatures? signed, out fault))
            return (null, $"the newest block of {_address} cannot be read: {fault}");

        return await FetchAsync(channel, signed.LastConfigIndex, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _connection.Dispose();

    private static string Words(Status status, ChannelId channel) => status switch
    {
        Status.NotFound => $"that it has no such block, or no channel {channel}",
        Status.Forbidden => $"that this identity may not read channel {channel}",
        _ => status.ToString(),
    };
}
