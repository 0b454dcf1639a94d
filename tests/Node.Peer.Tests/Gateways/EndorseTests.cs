using Google.Protobuf;
using Grpc.Core;
using Node.Peer.Tests.Endorsing;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Gateways;

public sealed class EndorseTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    [Theory]
    [InlineData(GatewayBench.BothPeers, "Org1MSP Org2MSP")]
    [InlineData(GatewayBench.AnyPeer, "Org1MSP")]                              // Our own organisation is enough...
    [InlineData("OR('Org2MSP.peer')", "Org2MSP")]                              // ...unless the policy leaves it out.
    [InlineData("OutOf(1, 'Org1MSP.peer', 'Org2MSP.peer')", "Org1MSP")]
    public async Task Endorses_with_the_fewest_organisations_that_satisfy_the_policy(string policy, string expected)
    {
        await bench.DefineAsync(policy);

        for (int call = 0; call < 3; call++)   // What the first call learnt must not change the answer.
            Assert.Equal(expected, GatewayBench.EndorsersOf(await bench.EndorseAsync(Set("k"))));
    }

    [Fact]
    public async Task What_is_returned_commits_as_valid_once_the_client_has_signed_it()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        ProposalBuilder proposal = Set("assembled");
        var request = new EndorseRequest { ProposedTransaction = proposal.Build() };
        EndorseResponse response = await bench.Gateway.EndorseAsync(request);

        response.PreparedTransaction.Signature =
            ByteString.CopyFrom(bench.Channel.Client1.Sign(response.PreparedTransaction.Payload.Span));
        await bench.CommitAsync(response.PreparedTransaction.ToByteArray());

        CommitStatusResponse status = await bench.Gateway.CommitStatusAsync(
            bench.CommitStatusRequest(proposal.TxId.Value, bench.Channel.Client1));
        Assert.Equal((TxValidationCode.Valid, bench.Chain.Height - 1), (status.Result, status.BlockNumber));
    }

    [Theory]
    [InlineData("Org1MSP")]
    [InlineData("Org2MSP")]
    [InlineData("Org2MSP Org1MSP")]
    [InlineData("Org2MSP Org2MSP")]
    public async Task Listed_organisations_are_asked_and_no_other_whatever_the_policy(string listed)
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        string[] organizations = listed.Split(' ');

        Transaction transaction = await bench.EndorseAsync(Set("k"), organizations);

        Assert.Equal(string.Join(' ', organizations.Distinct()), GatewayBench.EndorsersOf(transaction));
    }

    [Fact]
    public async Task Listed_organisations_without_a_known_peer_are_unavailable()
    {
        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Unavailable, () => bench.EndorseAsync(Set("k"), "Org1MSP", "Org7MSP"));

        Assert.Contains("Org7MSP", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Org1MSP", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AND('Org1MSP.peer', 'Org1MSP.admin')")]
    [InlineData("OR('Org9MSP.peer')")]
    public async Task A_policy_that_no_peers_satisfy_is_a_failed_precondition_that_names_it(string policy)
    {
        await bench.DefineAsync(policy);

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.FailedPrecondition, () => bench.EndorseAsync(Set("k")));

        Assert.Contains("no combination of peers can be derived", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(GatewayBench.DetailsOf(refusal));
    }

    [Fact]
    public async Task A_contract_that_is_not_defined_is_a_failed_precondition()
    {
        ProposalBuilder unknown = new(bench.Channel.Client1, GatewayBench.Now, "set", "k") { Contract = "elsewhere" };

        await GatewayBench.RefusalAsync(StatusCode.FailedPrecondition, () => bench.EndorseAsync(unknown));
        await GatewayBench.RefusalAsync(StatusCode.FailedPrecondition, () => bench.EvaluateAsync(unknown));
    }

    [Fact]
    public async Task A_contract_that_refuses_aborts_with_the_word_of_each_peer()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Aborted, () => bench.EndorseAsync(bench.Proposal("get", "nowhere")));

        Assert.Equal(
            [
                $"{bench.Address1} Org1MSP chaincode response 404, Asset not found: nowhere",
                $"{bench.Address2} Org2MSP chaincode response 404, Asset not found: nowhere",
            ],
            GatewayBench.DetailsOf(refusal));
    }

    [Fact]
    public async Task A_proposal_that_no_peer_admits_aborts_with_details()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        ProposalBuilder forged = new(bench.Channel.Client1, GatewayBench.Now, "set", "k", "h", "l", "p")
        {
            ChangeSigned = signed => signed.Signature = ByteString.CopyFrom(bench.Channel.Client2.Sign("else"u8)),
        };

        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Aborted, () => bench.EndorseAsync(forged));

        Assert.Equal(2, GatewayBench.DetailsOf(refusal).Length);
        Assert.All(
            GatewayBench.DetailsOf(refusal),
            detail => Assert.Contains("access denied", detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ff01")]
    public async Task What_is_no_proposal_is_an_invalid_argument(string? hex)
    {
        var request = new EndorseRequest
        {
            ProposedTransaction = hex is null
                ? null
                : new SignedProposal { ProposalBytes = ByteString.CopyFrom(Convert.FromHexString(hex)) },
        };
        var evaluation = new EvaluateRequest { ProposedTransaction = request.ProposedTransaction };

        await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument, () => bench.Gateway.EndorseAsync(request).ResponseAsync);
        await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument, () => bench.Gateway.EvaluateAsync(evaluation).ResponseAsync);
    }

    [Fact]
    public async Task An_unknown_channel_is_a_failed_precondition()
    {
        ProposalBuilder elsewhere = new(bench.Channel.Client1, GatewayBench.Now, "get", "k") { Channel = "elsewhere" };

        await GatewayBench.RefusalAsync(StatusCode.FailedPrecondition, () => bench.EndorseAsync(elsewhere));
        await GatewayBench.RefusalAsync(StatusCode.FailedPrecondition, () => bench.EvaluateAsync(elsewhere));
    }

    [Fact]
    public async Task A_peer_that_is_down_costs_nothing_where_the_policy_can_do_without_it()
    {
        await bench.DefineAsync("OR('Org2MSP.peer', 'Org1MSP.peer')");
        await bench.Served2.StopAsync();
        try
        {
            Assert.Equal("Org1MSP", GatewayBench.EndorsersOf(await bench.EndorseAsync(Set("k"))));

            await bench.Served1.Peer.CommitAsync(await NextDefinitionAsync(GatewayBench.BothPeers));
            RpcException refusal = await GatewayBench.RefusalAsync(
                StatusCode.Aborted, () => bench.EndorseAsync(Set("k")));
            string detail = Assert.Single(GatewayBench.DetailsOf(refusal));
            Assert.StartsWith($"{bench.Address2} Org2MSP ", detail, StringComparison.Ordinal);
            Assert.Contains("could not be asked", detail, StringComparison.Ordinal);
        }
        finally
        {
            await bench.Served2.StartAsync();
        }

        Assert.Equal("Org1MSP Org2MSP", GatewayBench.EndorsersOf(await bench.EndorseAsync(Set("k"))));
    }

    [Fact]
    public async Task Transient_data_stays_at_home_where_home_is_enough()
    {
        await bench.DefineAsync(GatewayBench.AnyPeer);
        await bench.Served2.StopAsync();
        try
        {
            Assert.Equal("Org1MSP", GatewayBench.EndorsersOf(await bench.EndorseAsync(Secret("k"))));
        }
        finally
        {
            await bench.Served2.StartAsync();
        }
    }

    [Fact]
    public async Task Transient_data_travels_where_the_policy_needs_another_and_never_into_the_transaction()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);

        Transaction transaction = await bench.EndorseAsync(Secret("k"));

        Assert.Equal("Org1MSP Org2MSP", GatewayBench.EndorsersOf(transaction));
        var payload = ChaincodeProposalPayload.Parser.ParseFrom(
            GatewayBench.ActionOf(transaction).ChaincodeProposalPayload);
        Assert.Empty(payload.TransientMap);
        Assert.False(payload.Input.IsEmpty);
    }

    [Fact]
    public async Task Transient_data_that_our_own_peer_refuses_is_shown_to_nobody_else()
    {
        await bench.DefineAsync(GatewayBench.BothPeers);
        bench.Peer1.Channel.Fault = "the disk is full";
        try
        {
            RpcException refusal = await GatewayBench.RefusalAsync(
                StatusCode.Aborted, () => bench.EndorseAsync(Secret("k")));

            string detail = Assert.Single(GatewayBench.DetailsOf(refusal));
            Assert.StartsWith($"{bench.Address1} Org1MSP ", detail, StringComparison.Ordinal);
        }
        finally
        {
            bench.Peer1.Channel.Fault = null;
        }
    }

    private ProposalBuilder Set(string key) => bench.Proposal("set", key, "hash", "file://s", "p");

    private ProposalBuilder Secret(string key) =>
        new(bench.Channel.Client1, GatewayBench.Now, "set", key, "hash", "file://s", "p")
        {
            ChangePayload = payload => payload.TransientMap["secret"] = ByteString.CopyFromUtf8("42"),
        };

    // A definition that only the first peer has so far; the second is given it too, though it does not serve.
    private async Task<byte[]> NextDefinitionAsync(string policy)
    {
        byte[] block = bench.Chain.Next(
            Testing.Transactions.Definitions.Define(bench.Channel, "hyperprov", policy).ToEnvelope());
        await bench.Served2.Peer.CommitAsync(block);
        return block;
    }
}
