using Google.Protobuf;
using Grpc.Core;
using Node.Membership;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Gateways;

public sealed class CommitStatusTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    [Fact]
    public async Task Tells_block_and_code_of_valid_and_invalid_transactions()
    {
        Tx valid = bench.Record("k");
        Tx unendorsed = bench.Record("k").EndorsedBy(bench.Channel.Peer1);
        await bench.CommitAsync(valid.ToEnvelope(), unendorsed.ToEnvelope());

        CommitStatusResponse first = await AskAsync(valid, bench.Channel.Client1);
        CommitStatusResponse second = await AskAsync(unendorsed, bench.Channel.Client2);

        Assert.Equal((TxValidationCode.Valid, bench.Chain.Height - 1), (first.Result, first.BlockNumber));
        Assert.Equal(
            (TxValidationCode.EndorsementPolicyFailure, bench.Chain.Height - 1), (second.Result, second.BlockNumber));
    }

    [Fact]
    public async Task Waits_until_the_transaction_is_durable()
    {
        Tx tx = bench.Record("awaited");
        using AsyncUnaryCall<CommitStatusResponse> call = bench.Gateway.CommitStatusAsync(
            bench.CommitStatusRequest(tx.Id.Value, bench.Channel.Client1));
        await bench.CommitAsync(bench.Record("other").ToEnvelope());
        Assert.False(call.ResponseAsync.IsCompleted);

        await bench.CommitAsync(tx.ToEnvelope());

        CommitStatusResponse answer = await call.ResponseAsync.WaitAsync(GatewayBench.Patience);
        Assert.Equal((TxValidationCode.Valid, bench.Chain.Height - 1), (answer.Result, answer.BlockNumber));
    }

    [Fact]
    public async Task An_unknown_transaction_lasts_until_the_deadline_or_the_client_leaves()
    {
        Tx never = bench.Record("never");
        DateTime soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300);
        using var leaving = new CancellationTokenSource();
        using AsyncUnaryCall<CommitStatusResponse> left = bench.Gateway.CommitStatusAsync(
            bench.CommitStatusRequest(never.Id.Value, bench.Channel.Client1), cancellationToken: leaving.Token);

        await GatewayBench.RefusalAsync(
            StatusCode.DeadlineExceeded,
            () => bench.Gateway.CommitStatusAsync(
                bench.CommitStatusRequest(never.Id.Value, bench.Channel.Client1), deadline: soon).ResponseAsync);
        await leaving.CancelAsync();
        await GatewayBench.RefusalAsync(StatusCode.Cancelled, () => left.ResponseAsync);
    }

    [Fact]
    public async Task An_expired_identity_may_still_ask()
    {
        Tx tx = bench.Record("k");
        await bench.CommitAsync(tx.ToEnvelope());
        using SigningIdentity expired = bench.Channel.Org1.Issue(
            "late@org1.example.com", "client", TestIssuer.Epoch, GatewayBench.Now.AddSeconds(-1));

        Assert.Equal(TxValidationCode.Valid, (await AskAsync(tx, expired)).Result);
    }

    [Theory]
    [InlineData("unknown channel")]
    [InlineData("stranger")]
    [InlineData("orderer")]         // Known to the channel, but no Reader of its application.
    [InlineData("forged")]
    [InlineData("revoked")]
    public async Task Denies(string flaw)
    {
        SigningIdentity signer = flaw switch
        {
            "stranger" => new TestIssuer("Org9", "Org9MSP").Issue("User1@org9.example.com", "client"),
            "orderer" => bench.Channel.Orderer,
            "revoked" => await RevokedAsync(),
            _ => bench.Channel.Client1,
        };
        string channel = flaw == "unknown channel" ? "elsewhere" : "mychannel";
        SignedCommitStatusRequest request =
            GatewayBench.CommitStatusRequest(bench.Record("k").Id.Value, signer, channel);
        SignedChaincodeEventsRequest events =
            bench.EventsRequest(signer, wanted => wanted.ChannelId = channel);
        if (flaw == "forged")
            events.Signature = request.Signature = ByteString.CopyFrom(signer.Sign("something else"u8));

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.PermissionDenied, () => bench.Gateway.CommitStatusAsync(request).ResponseAsync);

        Assert.Contains("access denied", refusal.Status.Detail, StringComparison.Ordinal);
        using AsyncServerStreamingCall<ChaincodeEventsResponse> stream = bench.Gateway.ChaincodeEvents(events);
        await GatewayBench.RefusalAsync(
            StatusCode.PermissionDenied, () => stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("no transaction")]
    public async Task What_is_no_request_is_an_invalid_argument(string flaw)
    {
        SignedCommitStatusRequest request = bench.CommitStatusRequest("", bench.Channel.Client1);
        request.Request = flaw switch
        {
            "empty" => ByteString.Empty,
            "garbage" => ByteString.CopyFrom(0xff, 0x01),
            _ => request.Request,
        };

        await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument, () => bench.Gateway.CommitStatusAsync(request).ResponseAsync);
    }

    private async Task<CommitStatusResponse> AskAsync(Tx tx, SigningIdentity signer) =>
        await bench.Gateway.CommitStatusAsync(bench.CommitStatusRequest(tx.Id.Value, signer))
            .ResponseAsync.WaitAsync(GatewayBench.Patience);

    private async Task<SigningIdentity> RevokedAsync()
    {
        SigningIdentity member = bench.Channel.Org1.Issue("gone@org1.example.com", "client");
        bench.Channel.Org1.Revoke(member);
        await bench.CommitBlockAsync(
            bench.Chain.NextMembership(bench.Channel.Org1, bench.Channel.Admin1, bench.Channel.Admin2));
        return member;
    }
}
