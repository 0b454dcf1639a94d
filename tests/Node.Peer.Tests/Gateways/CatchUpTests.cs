using Google.Protobuf;
using Grpc.Core;
using Node.Peer.Endorsing;
using Node.Peer.Tests.Endorsing;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;
using Node.Testing.Transactions;
using EndorserClient = Node.Protocol.Wire.Peer.Endorser.EndorserClient;

namespace Node.Peer.Tests.Gateways;

/// <summary>One of two peers has not committed yet what the other one has. Nobody moves the clock but the
/// test.</summary>
public sealed class CatchUpTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    private const string Both = "Org1MSP Org2MSP";

    // The client was told of the parent by one peer; the gateway that it asks may be either.
    [Theory]
    [InlineData("Org2", 1, "")]
    [InlineData("Org2", 3, "")]
    [InlineData("Org1", 1, "")]
    [InlineData("Org1", 3, "")]
    [InlineData("Org2", 1, Both)]
    [InlineData("Org1", 2, Both)]
    public async Task A_strict_set_waits_for_the_peer_that_has_not_committed_its_parent(
        string late, int blocks, string listed)
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        (TxId parent, byte[][] missed) = await CommitWithoutAsync(late, blocks);

        Task<Transaction> call = bench.EndorseAsync(StrictSet(parent), Split(listed));
        await UntilSomebodyWaitsAsync();
        Assert.False(call.IsCompleted);
        await CatchUpAsync(late, missed);

        Assert.Equal(Both, GatewayBench.EndorsersOf(await call));
    }

    [Theory]
    [InlineData("Org2")]
    [InlineData("Org1")]
    public async Task Results_that_differ_for_want_of_a_block_are_taken_again_on_that_block(string late)
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        await bench.CommitAsync(await bench.EnvelopeAsync(Set("moving")));
        byte[] block = bench.Chain.Next(await bench.EnvelopeAsync(Set("moving")));
        await (late == "Org2" ? bench.Served1 : bench.Served2).Peer.CommitAsync(block);

        Task<Transaction> call = bench.EndorseAsync(bench.Proposal("get", "moving"));
        await UntilSomebodyWaitsAsync();
        await CatchUpAsync(late, [block]);

        Assert.Equal(Both, GatewayBench.EndorsersOf(await call));
    }

    [Fact]
    public async Task A_contract_that_the_other_peer_has_not_seen_defined_is_waited_for()
    {
        byte[] block = bench.Chain.Next(
            Definitions.Define(bench.Channel, "even", GatewayBench.BothPeers).ToEnvelope());
        await bench.Served1.Peer.CommitAsync(block);

        Task<Transaction> call = bench.EndorseAsync(
            new ProposalBuilder(bench.Channel.Client1, GatewayBench.Now, "go") { Contract = "even" });
        await UntilSomebodyWaitsAsync();
        await CatchUpAsync("Org2", [block]);

        Assert.Equal(Both, GatewayBench.EndorsersOf(await call));
    }

    [Fact]
    public async Task Transient_data_waits_as_well_and_goes_to_nobody_else()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        (TxId parent, byte[][] missed) = await CommitWithoutAsync("Org2", blocks: 1);
        ProposalBuilder secret = StrictSet(parent, payload =>
            payload.TransientMap["secret"] = ByteString.CopyFromUtf8("42"));

        Task<Transaction> call = bench.EndorseAsync(secret);
        await UntilSomebodyWaitsAsync();
        await CatchUpAsync("Org2", missed);

        Assert.Equal(Both, GatewayBench.EndorsersOf(await call));
    }

    // The clock stands still, so a call that waited for anything would not end.
    [Theory]
    [InlineData("")]
    [InlineData(Both)]
    public async Task A_refusal_by_all_is_told_at_once(string listed)
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        var nowhere = TxId.Compute("nonce"u8, "creator"u8);

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Aborted, () => bench.EndorseAsync(StrictSet(nowhere), Split(listed)));

        Assert.Equal(2, GatewayBench.DetailsOf(refusal).Length);
        Assert.All(GatewayBench.DetailsOf(refusal), detail => Assert.Contains("response 404", detail,
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Both)]
    public async Task A_contract_that_is_not_deterministic_differs_on_one_height_and_that_is_told_at_once(string listed)
    {
        await bench.CommitAsync(Definitions.Define(bench.Channel, "uneven", GatewayBench.BothPeers).ToEnvelope());
        ProposalBuilder uneven = new(bench.Channel.Client1, GatewayBench.Now, "go") { Contract = "uneven" };

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Aborted, () => bench.EndorseAsync(uneven, Split(listed)));

        string[] details = GatewayBench.DetailsOf(refusal);
        Assert.Equal(
            $"{bench.Address1} Org1MSP taken as the result that the others are compared with (height "
            + $"{bench.Chain.Height})",
            details[0]);
        Assert.StartsWith($"{bench.Address2} Org2MSP write of uneven/word: ", details[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Org1")]
    [InlineData("Org2")]
    public async Task The_wait_has_an_end_and_names_the_peer_its_height_and_the_height_wanted(string late)
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        ulong before = bench.Chain.Height;
        (TxId parent, byte[][] missed) = await CommitWithoutAsync(late, blocks: 2);

        Task<Transaction> call = bench.EndorseAsync(StrictSet(parent));
        await UntilSomebodyWaitsAsync();
        bench.Clock.Advance(Limits.EndorseCatchUpMax);

        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Aborted, () => call);
        string address = late == "Org1" ? bench.Address1 : bench.Address2;
        Assert.Equal(
            $"{address} {late}MSP peer {address} is behind on channel mychannel: it has height {before}, the proposal "
            + $"is to be endorsed at height {before + 2} or above, and 5 s of waiting did not close the gap; look at "
            + "its log, or try again later",
            Assert.Single(GatewayBench.DetailsOf(refusal)));
        await CatchUpAsync(late, missed);
    }

    [Fact]
    public async Task A_peer_of_Fabric_which_tells_no_height_is_given_time()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        await ServeSecondAsync(knowsHeights: false);
        try
        {
            (TxId parent, byte[][] missed) = await CommitWithoutAsync("Org2", blocks: 1);
            Task<Transaction> call = bench.EndorseAsync(StrictSet(parent));
            await LetPassAsync(milliseconds: 20);
            await bench.Clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(GatewayBench.Patience);
            await CatchUpAsync("Org2", missed);
            bench.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal(Both, GatewayBench.EndorsersOf(await call));

            (parent, missed) = await CommitWithoutAsync("Org2", blocks: 1);
            call = bench.EndorseAsync(StrictSet(parent));
            foreach (int milliseconds in (int[])[20, 100, 400])
                await LetPassAsync(milliseconds);

            RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Aborted, () => call);
            Assert.StartsWith(
                $"{bench.Address2} Org2MSP chaincode response 404", Assert.Single(GatewayBench.DetailsOf(refusal)),
                StringComparison.Ordinal);
            await CatchUpAsync("Org2", missed);
        }
        finally
        {
            await ServeSecondAsync(knowsHeights: true);
        }
    }

    [Fact]
    public async Task An_endorser_tells_its_height_to_who_names_one_and_to_nobody_else()
    {
        var endorser = new EndorserClient(bench.Connection);
        SignedProposal proposal = Set("asked").Build();

        using AsyncUnaryCall<ProposalResponse> plain = endorser.ProcessProposalAsync(proposal);
        await plain;
        Assert.Null(plain.GetTrailers().GetValue(EndorseHeaders.Height));

        using AsyncUnaryCall<ProposalResponse> asked = endorser.ProcessProposalAsync(
            proposal, new Metadata { { EndorseHeaders.AtHeight, "1" } });
        await asked;
        Assert.Equal(
            bench.Peer1.Channel.Ledger.Height.ToString(System.Globalization.CultureInfo.InvariantCulture),
            asked.GetTrailers().GetValue(EndorseHeaders.Height));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("0x10")]
    [InlineData("1.0")]
    [InlineData("18446744073709551616")]
    public async Task A_height_that_is_none_is_an_invalid_argument(string height)
    {
        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument,
            async () => await ProcessAsync(Set("k"), new Metadata { { EndorseHeaders.AtHeight, height } }));

        Assert.Contains(EndorseHeaders.AtHeight, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_are_not_let_wait()
    {
        ProposalBuilder forged = new(bench.Channel.Client1, GatewayBench.Now, "get", "k")
        {
            ChangeSigned = signed => signed.Signature = ByteString.CopyFrom(bench.Channel.Client2.Sign("else"u8)),
        };

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Unknown,
            async () => await ProcessAsync(forged, new Metadata { { EndorseHeaders.AtHeight, $"{ulong.MaxValue}" } }));

        Assert.Contains("access denied", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Places_to_wait_are_counted_and_a_call_that_is_given_up_leaves_its_place()
    {
        using var hangUp = new CancellationTokenSource();
        var calls = new Task<EndorseOutcome>[Limits.EndorseWaitersMax];
        for (int i = 0; i < calls.Length; i++)
            calls[i] = WaitInVainAsync(hangUp.Token);

        await Assert.ThrowsAsync<OverloadedException>(() => WaitInVainAsync(CancellationToken.None));
        await hangUp.CancelAsync();
        foreach (Task<EndorseOutcome> call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Task<EndorseOutcome> again = WaitInVainAsync(CancellationToken.None);
        bench.Clock.Advance(Limits.EndorseCatchUpMax);
        Assert.Equal(500, (await again.WaitAsync(GatewayBench.Patience)).Response?.Response.Status);
    }

    private static string[] Split(string listed) => listed.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ProposalBuilder NewSet(
        GatewayBench bench, string key, string depends, string options, Action<ChaincodeProposalPayload>? change) =>
        new(bench.Channel.Client1, bench.Clock.GetUtcNow(), "set", key, "hash", "file://s", "p", "", depends, options)
        {
            ChangePayload = change,
        };

    private ProposalBuilder Set(string key) => NewSet(bench, key, depends: "", options: "{}", change: null);

    private ProposalBuilder StrictSet(TxId parent, Action<ChaincodeProposalPayload>? change = null) =>
        NewSet(bench, "child", parent.Value, """{"strict":true}""", change);

    private async Task<ProposalResponse> ProcessAsync(ProposalBuilder proposal, Metadata headers)
    {
        using AsyncUnaryCall<ProposalResponse> call =
            new EndorserClient(bench.Connection).ProcessProposalAsync(proposal.Build(), new CallOptions(headers));
        return await call;
    }

    private Task<EndorseOutcome> WaitInVainAsync(CancellationToken cancellationToken)
    {
        SignedProposal signed = Set("k").Build();
        Assert.True(ProposalAdmission.TryDecode(signed, out DecodedProposal? proposal, out _));
        return bench.Peer1.Endorser.EndorseAtAsync(
            proposal, signed.Signature.Memory, height: 1_000_000, cancellationToken);
    }

    // Records the parent in the first of some blocks, which one of the peers does not get yet.
    private async Task<(TxId Parent, byte[][] Missed)> CommitWithoutAsync(string late, int blocks)
    {
        ProposalBuilder parent = Set("parent");
        var missed = new List<byte[]> { bench.Chain.Next(await bench.EnvelopeAsync(parent)) };
        while (missed.Count < blocks)
            missed.Add(bench.Chain.Next(bench.Record($"filler-{missed.Count}").ToEnvelope()));

        ServedPeer ahead = late == "Org1" ? bench.Served2 : bench.Served1;
        foreach (byte[] block in missed)
            await ahead.Peer.CommitAsync(block);

        return (parent.TxId, [.. missed]);
    }

    private async Task CatchUpAsync(string late, byte[][] missed)
    {
        foreach (byte[] block in missed)
            await (late == "Org1" ? bench.Served1 : bench.Served2).Peer.CommitAsync(block);
    }

    private Task UntilSomebodyWaitsAsync() =>
        bench.Clock.WaitForTimerAsync(Limits.EndorseCatchUpMax).WaitAsync(GatewayBench.Patience);

    private async Task LetPassAsync(int milliseconds)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(milliseconds);
        await bench.Clock.WaitForTimerAsync(pause).WaitAsync(GatewayBench.Patience);
        bench.Clock.Advance(pause);
    }

    private async Task ServeSecondAsync(bool knowsHeights)
    {
        await bench.Served2.StopAsync();
        bench.Served2.KnowsHeights = knowsHeights;
        await bench.Served2.StartAsync();
    }
}
