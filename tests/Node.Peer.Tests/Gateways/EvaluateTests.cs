using Google.Protobuf;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Tests.Endorsing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Gateways;

public sealed class EvaluateTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    [Fact]
    public async Task Returns_what_the_contract_answered()
    {
        Response response = await bench.EvaluateAsync(bench.Proposal("getwriters", "k"));

        Assert.Equal(200, response.Status);
        Assert.Equal("""{"key":"k","writers":[]}""", response.Payload.ToStringUtf8());
    }

    [Fact]
    public async Task System_contracts_need_no_definition()
    {
        ProposalBuilder question = new(bench.Channel.Client1, GatewayBench.Now, "GetChainInfo", "mychannel")
        {
            Contract = "qscc",
        };

        var answer = BlockchainInfo.Parser.ParseFrom((await bench.EvaluateAsync(question)).Payload);

        Assert.Equal(bench.Chain.Height, answer.Height);
    }

    [Fact]
    public async Task A_contract_that_refuses_is_unknown_and_quoted()
    {
        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Unknown, () => bench.EvaluateAsync(bench.Proposal("get", "nowhere")));

        const string Word = "chaincode response 404, Asset not found: nowhere";
        Assert.Equal("evaluate call to endorser returned error: " + Word, refusal.Status.Detail);
        Assert.Equal([$"{bench.Address1} Org1MSP {Word}"], GatewayBench.DetailsOf(refusal));
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("expired")]
    [InlineData("stranger")]
    [InlineData("peer")]        // A member, but no Writer.
    [InlineData("old")]
    public async Task A_proposal_that_is_not_admitted_is_a_failed_precondition(string flaw)
    {
        SigningIdentity creator = flaw switch
        {
            "expired" => bench.Channel.Org1.Issue(
                "late@org1.example.com", "client", TestIssuer.Epoch, GatewayBench.Now.AddSeconds(-1)),
            "stranger" => new TestIssuer("Org9", "Org9MSP").Issue("User1@org9.example.com", "client"),
            "peer" => bench.Channel.Peer1,
            _ => bench.Channel.Client1,
        };
        ProposalBuilder proposal = new(creator, GatewayBench.Now, "get", "k")
        {
            Timestamp = flaw == "old" ? GatewayBench.Now.AddHours(-1) : GatewayBench.Now,
            ChangeSigned = signed => signed.Signature = flaw == "forged"
                ? ByteString.CopyFrom(bench.Channel.Client2.Sign(signed.ProposalBytes.Span))
                : signed.Signature,
        };

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.FailedPrecondition, () => bench.EvaluateAsync(proposal));

        Assert.StartsWith($"{bench.Address1} Org1MSP ", Assert.Single(GatewayBench.DetailsOf(refusal)),
            StringComparison.Ordinal);
    }

    // Defined on the channel, but no peer has its code: each fails by itself, and the next one is asked.
    [Theory]
    [InlineData(false, "Org1MSP Org2MSP")]
    [InlineData(true, "Org1MSP")]            // Transient data is not shown to others unless the client names them.
    public async Task Peers_that_fail_by_themselves_abort_with_the_word_of_each(bool hasTransient, string expected)
    {
        await bench.CommitAsync(
            Definitions.Define(bench.Channel, "elsewhere", GatewayBench.AnyPeer).ToEnvelope());
        ProposalBuilder proposal = new(bench.Channel.Client1, GatewayBench.Now, "get", "k")
        {
            Contract = "elsewhere",
            ChangePayload = payload =>
            {
                if (hasTransient)
                    payload.TransientMap["secret"] = ByteString.CopyFromUtf8("42");
            },
        };

        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Aborted, () => bench.EvaluateAsync(proposal));

        string[] details = GatewayBench.DetailsOf(refusal);
        Assert.Equal(expected, string.Join(' ', details.Select(detail => detail.Split(' ')[1])));
        Assert.All(
            details, detail => Assert.EndsWith("its code is not on this peer", detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_peers_of_the_target_organisations_are_asked()
    {
        RpcException refusal = await GatewayBench.RefusalAsync(
            StatusCode.Unknown, () => bench.EvaluateAsync(bench.Proposal("get", "nowhere"), "Org2MSP"));

        Assert.StartsWith($"{bench.Address2} Org2MSP ", Assert.Single(GatewayBench.DetailsOf(refusal)),
            StringComparison.Ordinal);
        await GatewayBench.RefusalAsync(
            StatusCode.FailedPrecondition, () => bench.EvaluateAsync(bench.Proposal("get", "k"), "Org7MSP"));
    }

    [Fact]
    public async Task Peers_that_cannot_be_reached_are_unavailable_with_details()
    {
        await bench.Served2.StopAsync();
        try
        {
            RpcException refusal = await GatewayBench.RefusalAsync(
                StatusCode.Unavailable, () => bench.EvaluateAsync(bench.Proposal("get", "k"), "Org2MSP"));
            Assert.Contains("could not be asked", Assert.Single(GatewayBench.DetailsOf(refusal)),
                StringComparison.Ordinal);

            // The next organisation is asked.
            Response answer = await bench.EvaluateAsync(bench.Proposal("getwriters", "k"), "Org2MSP", "Org1MSP");
            Assert.Equal(200, answer.Status);
        }
        finally
        {
            await bench.Served2.StartAsync();
        }
    }
}
