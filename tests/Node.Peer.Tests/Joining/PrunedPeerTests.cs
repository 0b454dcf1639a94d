using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Ledger;
using Node.Ledger.Pruning;
using Node.Membership;
using Node.Peer.Endorsing;
using Node.Peer.Hosting;
using Node.Peer.Tests.Endorsing;
using Node.Peer.Tests.Gateways;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Hyperprov;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using Node.Testing.Transactions;
using DeliverResponse = Node.Protocol.Wire.Peer.DeliverResponse;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Tests.Joining;

/// <summary>A peer whose old block bodies are gone, asked by every way there is for what it had.</summary>
public sealed class PrunedPeerTests(GatewayBench bench) : IClassFixture<GatewayBench>, IAsyncLifetime
{
    // More than a peer keeps in memory for those who follow.
    private const int Blocks = 20;

    private readonly Tx _old = bench.Record("old");

    private ChannelLedger Ledger => bench.Peer1.Channel.Ledger;

    public async Task InitializeAsync()
    {
        await bench.CommitAsync(_old.ToEnvelope());
        for (int i = 0; i < Blocks; i++)
            await bench.CommitAsync(bench.Record($"k{i}").ToEnvelope());

        await PruneAsync("blocks", "2");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Delivery_of_a_pruned_block_ends_with_NOT_FOUND_and_configurations_are_still_there()
    {
        Assert.Equal("NotFound", await DeliverAsync(1, 1));
        Assert.Equal("0 NotFound", await DeliverAsync(0, 3));
        Assert.Equal("0 Success", await DeliverAsync(0, 0));
        ulong last = Ledger.Height - 1;
        Assert.Equal($"{last - 1} {last} Success", await DeliverAsync(last - 1, last));
    }

    [Fact]
    public async Task Events_that_begin_at_a_pruned_block_are_refused_with_the_first_whole_one()
    {
        SignedChaincodeEventsRequest request = bench.EventsRequest(events => events.StartPosition = new SeekPosition
        {
            Specified = new SeekSpecified { Number = 2 },
        });
        using AsyncServerStreamingCall<ChaincodeEventsResponse> call = bench.Gateway.ChaincodeEvents(request);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience));

        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        AssertNamesFirst(refused.Status.Detail);
    }

    [Fact]
    public void Questions_for_what_lies_in_a_pruned_block_name_the_first_whole_one()
    {
        string hash = Encoding.Latin1.GetString(HashOf(2));
        AssertNamesFirst(Refusal("qscc", "GetBlockByNumber", "mychannel", "2"));
        AssertNamesFirst(Refusal("qscc", "GetBlockByHash", "mychannel", hash));
        AssertNamesFirst(Refusal("qscc", "GetBlockByTxID", "mychannel", _old.Id.Value));
        AssertNamesFirst(Refusal("qscc", "GetTransactionByID", "mychannel", _old.Id.Value));
        Assert.Equal(200, Ask(bench.Channel.Client1, "qscc", "GetBlockByNumber", "mychannel", "0").Status);
        Assert.Contains(
            "the ledger has height", Refusal("qscc", "GetBlockByNumber", "mychannel", "99999"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_of_a_pruned_transaction_is_refused_and_one_of_a_whole_block_is_given()
    {
        var young = bench.Record("young");
        await bench.CommitAsync(young.ToEnvelope());
        var proving = new Protocol.Wire.Hyperprov.Proving.ProvingClient(bench.Connection);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await proving.ProveAsync(
            Sign(new ProvingRequest { TransactionId = _old.Id.Value })));
        Receipt given = await proving.ProveAsync(Sign(new ProvingRequest { TransactionId = young.Id.Value }));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        AssertNamesFirst(refused.Status.Detail);
        Assert.Equal(0ul, given.Configurations[0].Block.Number);
        Assert.NotEmpty(given.Configurations[0].ChainPath);
    }

    [Fact]
    public async Task A_light_client_is_given_every_signed_header_from_the_genesis_block_on()
    {
        var proving = new Protocol.Wire.Hyperprov.Proving.ProvingClient(bench.Connection);
        var range = new CommitmentRange { From = 0, Count = Ledger.Height };
        using AsyncServerStreamingCall<ConfigurationBlock> call =
            proving.Commitments(Sign(new ProvingRequest { Commitments = range }));

        var numbers = new List<ulong>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience))
        {
            SignedBlock block = call.ResponseStream.Current.Block;
            numbers.Add(block.Number);
            Assert.Equal(block.Number == 0, block.Signatures.Count == 0);
        }

        Assert.Equal(range.Count, (ulong)numbers.Count);
    }

    [Fact]
    public async Task An_id_of_a_pruned_transaction_stays_used_up()
    {
        await bench.CommitAsync(_old.ToEnvelope());

        Assert.True(Ledger.TryReadBlock(Ledger.Height - 1, out byte[]? block));
        byte[] codes = Block.Parser.ParseFrom(block).Metadata.Metadata[2].ToByteArray();
        Assert.Equal([(byte)TxValidationCode.DuplicateTxid], codes);
    }

    [Fact]
    public void Only_an_administrator_of_its_organisation_prunes_a_peer()
    {
        Response ofClient = Ask(bench.Channel.Client1, "cscc", "PruneLedger", "mychannel", "blocks", "1");
        Response ofOtherAdmin = Ask(bench.Channel.Admin2, "cscc", "PruneLedger", "mychannel", "blocks", "1");
        Response asking = Ask(bench.Channel.Client1, "cscc", "PruneState", "mychannel");

        Assert.All([ofClient, ofOtherAdmin, asking], answer =>
        {
            Assert.Equal(500, answer.Status);
            Assert.Contains("no administrator", answer.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("unknown channel", "elsewhere", "blocks", "1")]
    [InlineData("takes a channel", "mychannel", "blocks")]
    [InlineData("takes a channel", "mychannel", "blocks", "-1")]
    [InlineData("takes a channel", "mychannel", "days", "1")]
    [InlineData("takes a channel", "mychannel", "since", "18446744073709551615")]
    public void A_prune_that_cannot_be_understood_is_refused(string because, params string[] arguments)
    {
        Response answer = Ask(bench.Channel.Admin1, "cscc", "PruneLedger", arguments);

        Assert.Equal(500, answer.Status);
        Assert.Contains(because, answer.Message, StringComparison.Ordinal);
    }

    private void AssertNamesFirst(string text) => Assert.Contains(
        string.Create(CultureInfo.InvariantCulture, $"first whole block is {Ledger.FirstBlockHeld}"), text,
        StringComparison.Ordinal);

    private async Task PruneAsync(params string[] rule)
    {
        PeerChannel channel = bench.Peer1.Channel;
        Assert.Equal(200, Ask(bench.Channel.Admin1, "cscc", "PruneLedger", ["mychannel", .. rule]).Status);
        await channel.Pruning.WaitAsync().WaitAsync(GatewayBench.Patience);
        Assert.Null(channel.Pruning.State?.Fault);
        PruneReport? report = channel.Pruning.State?.Report;
        Assert.NotNull(report);
        Assert.Equal(Ledger.FirstBlockHeld, report.FirstHeld);
        Assert.True(Ledger.IsPruned(2));
    }

    private byte[] HashOf(ulong number)
    {
        Assert.True(Ledger.TryReadOutline(number, out byte[]? bytes));
        BlockHeader header = Block.Parser.ParseFrom(bytes).Header;
        return Hash32.Of(BlockHeaderBytes.ToArray(
            header.Number, header.PreviousHash.Span, header.DataHash.Span)).AsSpan().ToArray();
    }

    private string Refusal(string contract, string function, params string[] arguments)
    {
        Response answer = Ask(bench.Channel.Client1, contract, function, arguments);
        Assert.Equal(500, answer.Status);
        return answer.Message;
    }

    private Response Ask(SigningIdentity creator, string contract, string function, params string[] arguments)
    {
        var proposal = new ProposalBuilder(creator, bench.Clock.GetUtcNow(), function)
        {
            Contract = contract,
            RawArguments = [.. arguments.Select(Encoding.Latin1.GetBytes)],
        };
        EndorseOutcome outcome = bench.Peer1.Endorser.Endorse(proposal.Build(), CancellationToken.None);
        Assert.NotNull(outcome.Response);
        return outcome.Response.Response;
    }

    private SignedProvingRequest Sign(ProvingRequest request)
    {
        request.ChannelId = bench.Channel.Id.Value;
        request.Identity = ByteString.CopyFrom(bench.Channel.Client1.Serialized.Span);
        request.MadeAt = bench.Clock.GetUtcNow().ToUnixTimeSeconds();
        ByteString bytes = request.ToByteString();
        return new SignedProvingRequest
        {
            Request = bytes,
            Signature = ByteString.CopyFrom(bench.Channel.Client1.Sign(ProvingRequestBytes.ToSign(bytes.Span))),
        };
    }

    private async Task<string> DeliverAsync(ulong start, ulong stop)
    {
        var seek = new SeekInfo
        {
            Start = new SeekPosition { Specified = new SeekSpecified { Number = start } },
            Stop = new SeekPosition { Specified = new SeekSpecified { Number = stop } },
        };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader
                {
                    Type = (int)HeaderType.DeliverSeekInfo,
                    ChannelId = bench.Channel.Id.Value,
                    Timestamp = Timestamp.FromDateTimeOffset(bench.Clock.GetUtcNow()),
                }.ToByteString(),
                SignatureHeader = new SignatureHeader
                {
                    Creator = ByteString.CopyFrom(bench.Channel.Client1.Serialized.Span),
                }.ToByteString(),
            },
            Data = seek.ToByteString(),
        }.ToByteString();
        using AsyncDuplexStreamingCall<Envelope, DeliverResponse> call = bench.Deliver.Deliver();
        await call.RequestStream.WriteAsync(new Envelope
        {
            Payload = payload,
            Signature = ByteString.CopyFrom(bench.Channel.Client1.Sign(payload.Span)),
        });
        var words = new List<string>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience))
        {
            DeliverResponse response = call.ResponseStream.Current;
            if (response.TypeCase == DeliverResponse.TypeOneofCase.Status)
            {
                words.Add(response.Status == Status.Success ? "Success" : response.Status.ToString());
                break;
            }

            words.Add(response.Block.Header.Number.ToString(CultureInfo.InvariantCulture));
        }

        return string.Join(' ', words);
    }
}
