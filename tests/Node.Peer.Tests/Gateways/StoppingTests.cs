using Grpc.Core;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Gateways;

public sealed class StoppingTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    // A peer that stops must not be held up by clients that wait for something that may never come.
    [Fact]
    public async Task A_peer_that_stops_ends_whatever_waits()
    {
        string never = bench.Record("never").Id.Value;
        using AsyncUnaryCall<CommitStatusResponse> status = bench.Gateway.CommitStatusAsync(
            bench.CommitStatusRequest(never, bench.Channel.Client1));
        using AsyncServerStreamingCall<ChaincodeEventsResponse> events =
            bench.Gateway.ChaincodeEvents(bench.EventsRequest(_ => { }));
        using AsyncDuplexStreamingCall<Envelope, DeliverResponse> blocks = bench.Deliver.Deliver();

        await bench.Peer1.StopServingAsync();

        await GatewayBench.RefusalAsync(StatusCode.Aborted, () => status.ResponseAsync);
        await GatewayBench.RefusalAsync(
            StatusCode.Aborted, () => events.ResponseStream.MoveNext(CancellationToken.None));
        await GatewayBench.RefusalAsync(
            StatusCode.Unavailable, () => blocks.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(0, bench.Served1.Streams.Count);
    }
}
