using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Client.Connecting;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Client.Events;

/// <summary>Reads blocks from a peer's Deliver service.</summary>
internal static class BlockStream
{
    public static async IAsyncEnumerable<Block> ReadAsync(
        GatewayConnection connection, ChannelId channel, EventsFrom start,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (DeliverResponse response in ResponsesAsync(connection, channel, start, false, cancellation)
            .ConfigureAwait(false))
            yield return response.Block;
    }

    public static async IAsyncEnumerable<FilteredBlock> ReadFilteredAsync(
        GatewayConnection connection, ChannelId channel, EventsFrom start,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (DeliverResponse response in ResponsesAsync(connection, channel, start, true, cancellation)
            .ConfigureAwait(false))
            yield return response.FilteredBlock;
    }

    private static async IAsyncEnumerable<DeliverResponse> ResponsesAsync(
        GatewayConnection connection, ChannelId channel, EventsFrom start, bool filtered,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncDuplexStreamingCall<Envelope, DeliverResponse> call = connection.Deliver(filtered, cancellation);
        Envelope seek = SeekEnvelope(connection, channel, start);
        bool first = true;
        while (await AdvanceAsync(connection, call, first ? seek : null, cancellation).ConfigureAwait(false))
        {
            first = false;
            DeliverResponse response = call.ResponseStream.Current;

            // The stop lies beyond any block, so a status can only be a refusal.
            if (response.TypeCase == DeliverResponse.TypeOneofCase.Status)
                throw new GatewayException(
                    $"The peer at {connection.Options.Endpoint} ended the block stream with status {response.Status}.",
                    default, cause: null);

            yield return response;
        }
    }

    private static async Task<bool> AdvanceAsync(
        GatewayConnection connection, AsyncDuplexStreamingCall<Envelope, DeliverResponse> call, Envelope? request,
        CancellationToken cancellation)
    {
        try
        {
            if (request is not null)
                await call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);

            return await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw connection.Translate(
                e, "The blocks cannot be read", message => new GatewayException(message, default, e));
        }
    }

    private static Envelope SeekEnvelope(GatewayConnection connection, ChannelId channel, EventsFrom start)
    {
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.DeliverSeekInfo,
            ChannelId = channel.Value,
            Timestamp = Timestamp.FromDateTimeOffset(connection.Options.Clock.GetUtcNow()),
        };
        if (connection.Options.TlsClientCertificate is { } certificate)
            channelHeader.TlsCertHash = UnsafeByteOperations.UnsafeWrap(
                SHA256.HashData(certificate.RawDataMemory.Span));

        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = new SignatureHeader { Creator = connection.Options.Identity.Creator }.ToByteString(),
            },
            Data = Seeking.FromUntilCancelled(start).ToByteString(),
        }.ToByteString();
        return new Envelope
        {
            Payload = payload,
            Signature = UnsafeByteOperations.UnsafeWrap(connection.Sign(payload.Span)),
        };
    }
}
