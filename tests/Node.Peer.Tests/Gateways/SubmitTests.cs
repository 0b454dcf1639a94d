using Google.Protobuf;
using Grpc.Core;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;

namespace Node.Peer.Tests.Gateways;

public sealed class SubmitTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    [Fact]
    public async Task Returns_when_the_orderer_has_accepted()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(bench.OrdererPort, keepsOpen: true);

        await SubmitAsync("fine");

        Assert.Equal(1, orderer.Accepted);
    }

    [Fact]
    public async Task An_envelope_that_the_orderer_refuses_is_aborted_and_not_sent_again()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(bench.OrdererPort, keepsOpen: false);

        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Aborted, () => SubmitAsync("400"));

        const string Answer = "received unsuccessful response from orderer: status=BAD_REQUEST, info=for 400";
        Assert.Contains(Answer, refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal([$"localhost:{bench.OrdererPort}  {Answer}"], GatewayBench.DetailsOf(refusal));
        Assert.Equal(1, orderer.Streams);
    }

    [Fact]
    public async Task An_orderer_that_is_not_ready_is_unavailable_with_details()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(bench.OrdererPort, keepsOpen: true);

        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Unavailable, () => SubmitAsync("503"));

        Assert.Equal(
            [
                $"localhost:{bench.OrdererPort}  received unsuccessful response from orderer: "
                    + "status=SERVICE_UNAVAILABLE, info=for 503",
            ],
            GatewayBench.DetailsOf(refusal));
    }

    [Fact]
    public async Task No_orderer_within_reach_is_unavailable_with_details()
    {
        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Unavailable, () => SubmitAsync("fine"));

        Assert.Contains("no orderers could successfully process", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.StartsWith(
            $"localhost:{bench.OrdererPort} ",
            Assert.Single(GatewayBench.DetailsOf(refusal)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", StatusCode.InvalidArgument)]
    [InlineData("no payload", StatusCode.InvalidArgument)]
    [InlineData("no signature", StatusCode.InvalidArgument)]
    [InlineData("impossible channel", StatusCode.InvalidArgument)]
    [InlineData("unknown channel", StatusCode.FailedPrecondition)]
    public async Task Refuses_what_cannot_be_submitted(string flaw, StatusCode expected)
    {
        SubmitRequest request = Request("fine");
        switch (flaw)
        {
            case "nothing":
                request.PreparedTransaction = null;
                break;
            case "no payload":
                request.PreparedTransaction.Payload = ByteString.Empty;
                break;
            case "no signature":
                request.PreparedTransaction.Signature = ByteString.Empty;
                break;
            case "impossible channel":
                request.ChannelId = "Not A Channel";
                break;
            default:
                request.ChannelId = "elsewhere";
                break;
        }

        await GatewayBench.RefusalAsync(expected, () => bench.Gateway.SubmitAsync(request).ResponseAsync);
    }

    private Task<SubmitResponse> SubmitAsync(string script) => bench.Gateway.SubmitAsync(Request(script)).ResponseAsync;

    private static SubmitRequest Request(string script) => new()
    {
        TransactionId = "a transaction",
        ChannelId = "mychannel",
        PreparedTransaction = new Envelope
        {
            Payload = ByteString.CopyFromUtf8(script), Signature = ByteString.CopyFromUtf8("signed"),
        },
    };
}
