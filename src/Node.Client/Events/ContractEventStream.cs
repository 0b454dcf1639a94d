using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Node.Client.Connecting;
using Node.Protocol;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using Wire = Node.Protocol.Wire.Gateway;

namespace Node.Client.Events;

/// <summary>Reads one contract's events from a peer's Gateway service.</summary>
internal static class ContractEventStream
{
    private const string Step = "The events cannot be read";

    public static async IAsyncEnumerable<ContractEvent> ReadAsync(
        GatewayConnection connection, ChannelId channel, string contract, EventsFrom start,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncServerStreamingCall<Wire.ChaincodeEventsResponse> call =
            connection.ContractEvents(Request(connection, channel, contract, start), cancellation);
        while (await MoveNextAsync(connection, call.ResponseStream, cancellation).ConfigureAwait(false))
        {
            Wire.ChaincodeEventsResponse block = call.ResponseStream.Current;
            foreach (ChaincodeEvent announced in block.Events)
            {
                if (TxId.TryParse(announced.TxId, out TxId id, out _))
                    yield return new ContractEvent(
                        block.BlockNumber, id, announced.ChaincodeId, announced.EventName, announced.Payload.Memory);
            }
        }
    }

    private static Wire.SignedChaincodeEventsRequest Request(
        GatewayConnection connection, ChannelId channel, string contract, EventsFrom start)
    {
        ByteString request = new Wire.ChaincodeEventsRequest
        {
            ChannelId = channel.Value,
            ChaincodeId = contract,
            Identity = connection.Options.Identity.Creator,
            StartPosition = Seeking.PositionOf(start),
            AfterTransactionId = start.AfterTransaction.Value,
        }.ToByteString();
        return new Wire.SignedChaincodeEventsRequest
        {
            Request = request,
            Signature = UnsafeByteOperations.UnsafeWrap(connection.Sign(request.Span)),
        };
    }

    private static async Task<bool> MoveNextAsync(
        GatewayConnection connection, IAsyncStreamReader<Wire.ChaincodeEventsResponse> stream,
        CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw connection.Translate(e, Step, message => new GatewayException(message, default, e));
        }
    }
}

/// <summary>Where a stream begins and ends, in the orderer's words.</summary>
internal static class Seeking
{
    /// <summary>As a JavaScript client says "for ever": the largest whole number it has.</summary>
    private const ulong ForEver = (1UL << 53) - 1;

    public static SeekPosition PositionOf(EventsFrom start) => start.Block is { } number
        ? new SeekPosition { Specified = new SeekSpecified { Number = number } }
        : new SeekPosition { NextCommit = new SeekNextCommit() };

    public static SeekInfo FromUntilCancelled(EventsFrom start) => new()
    {
        Start = PositionOf(start),
        Stop = new SeekPosition { Specified = new SeekSpecified { Number = ForEver } },
        Behavior = SeekInfo.Types.SeekBehavior.BlockUntilReady,
    };
}
