using Google.Protobuf;
using Grpc.Core;
using Node.Client.Receipts;
using Node.Membership;
using Node.Peer.Proving;
using Node.Peer.Tests.Gateways;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using ProvingClient = Node.Protocol.Wire.Hyperprov.Proving.ProvingClient;
using WireReceipt = Node.Protocol.Wire.Hyperprov.Receipt;

namespace Node.Peer.Tests.Proving;

public sealed class ProvingTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    private ProvingClient Proving => new(bench.Connection);

    [Fact]
    public async Task Two_peers_attest_what_a_client_then_verifies_alone()
    {
        Tx tx = bench.Record("proven");
        await bench.CommitAsync(bench.Record("before").ToEnvelope(), tx.ToEnvelope(), bench.Record("x").ToEnvelope());

        WireReceipt receipt = await ProveAsync(tx);

        ReceiptReport report = Verify(receipt);
        Assert.Null(report.Culprit);
        Assert.Equal(tx.Id, report.Proven?.TransactionId);
        Assert.Equal(2, report.Proven?.Attesters.Count);
    }

    [Fact]
    public async Task The_policy_that_is_proven_is_the_one_that_was_in_force()
    {
        Tx old = bench.Record("old");
        await bench.CommitAsync(old.ToEnvelope());
        await bench.DefineAsync(GatewayBench.AnyPeer);
        Tx young = bench.Record("young").EndorsedBy(bench.Channel.Peer2);
        await bench.CommitAsync(young.ToEnvelope());

        WireReceipt before = await ProveAsync(old);
        WireReceipt after = await ProveAsync(young);
        await bench.DefineAsync(GatewayBench.BothPeers);

        Assert.Null(Verify(before).Culprit);
        Assert.Null(Verify(after).Culprit);
        Assert.NotEqual(before.Policies[0].Policy, after.Policies[0].Policy);
    }

    [Fact]
    public async Task A_contract_definition_has_a_receipt_too()
    {
        Tx definition = Definitions.Define(bench.Channel, "another", GatewayBench.BothPeers);
        await bench.CommitAsync(definition.ToEnvelope());

        ReceiptReport report = Verify(await ProveAsync(definition));

        Assert.Null(report.Culprit);
        Assert.Equal("_lifecycle", report.Proven?.Contract);
    }

    [Fact]
    public async Task The_receipt_of_an_invalid_transaction_says_so()
    {
        Tx unendorsed = bench.Record("unendorsed").EndorsedBy(bench.Channel.Peer1);
        await bench.CommitAsync(unendorsed.ToEnvelope());

        ReceiptReport report = Verify(await ProveAsync(unendorsed));

        Assert.Equal("validity", report.Culprit?.Name);
        Assert.Contains("EndorsementPolicyFailure", report.Culprit?.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_is_behind_is_waited_for()
    {
        Tx tx = bench.Record("awaited");
        byte[] block = bench.Chain.Next(tx.ToEnvelope());
        await bench.Served1.Peer.CommitAsync(block);
        using AsyncUnaryCall<WireReceipt> call = Proving.ProveAsync(Sign(About(tx.Id)));
        await Task.WhenAny(call.ResponseAsync, WaitersAsync());
        Assert.False(call.ResponseAsync.IsCompleted);

        await bench.Served2.Peer.CommitAsync(block);

        Assert.Null(Verify(await call.ResponseAsync.WaitAsync(GatewayBench.Patience)).Culprit);
    }

    [Fact]
    public async Task A_peer_that_stays_behind_is_named_when_the_wait_is_over()
    {
        Tx tx = bench.Record("missing");
        byte[] block = bench.Chain.Next(tx.ToEnvelope());
        await bench.Served1.Peer.CommitAsync(block);
        using AsyncUnaryCall<WireReceipt> call = Proving.ProveAsync(Sign(About(tx.Id)));
        await Task.WhenAny(call.ResponseAsync, WaitersAsync());

        bench.Clock.Advance(Limits.AttestationWait);

        RpcException refusal = await GatewayBench.RefusalAsync(StatusCode.Unavailable, () => call.ResponseAsync);
        Assert.Contains(
            $"{bench.Address2} Org2MSP transaction {tx.Id} is not on channel mychannel",
            Assert.Single(GatewayBench.DetailsOf(refusal)),
            StringComparison.Ordinal);
        await bench.Served2.Peer.CommitAsync(block);
    }

    [Theory]
    [InlineData("garbage",          StatusCode.InvalidArgument)]
    [InlineData("nothing asked",    StatusCode.InvalidArgument)]
    [InlineData("another question", StatusCode.InvalidArgument)]
    [InlineData("no transaction",   StatusCode.InvalidArgument)]
    [InlineData("no channel",       StatusCode.InvalidArgument)]
    [InlineData("old",              StatusCode.InvalidArgument)]
    [InlineData("from tomorrow",    StatusCode.InvalidArgument)]
    [InlineData("before time",      StatusCode.InvalidArgument)]
    [InlineData("other channel",    StatusCode.PermissionDenied)]
    [InlineData("stranger",         StatusCode.PermissionDenied)]
    [InlineData("orderer",          StatusCode.PermissionDenied)]
    [InlineData("expired",          StatusCode.PermissionDenied)]
    [InlineData("unsigned",         StatusCode.PermissionDenied)]
    [InlineData("signed as else",   StatusCode.PermissionDenied)]   // The bytes without the words in front of them.
    [InlineData("unknown",          StatusCode.NotFound)]
    public async Task Whoever_may_not_ask_or_asks_nonsense_is_refused(string request, StatusCode expected)
    {
        Tx tx = bench.Record("asked");
        await bench.CommitAsync(tx.ToEnvelope());
        SignedProvingRequest signed = Request(request, tx);

        await GatewayBench.RefusalAsync(expected, () => Proving.ProveAsync(signed).ResponseAsync);
        if (request != "unknown")   // That one is waited for.
            await GatewayBench.RefusalAsync(expected, () => Proving.AttestAsync(signed).ResponseAsync);
    }

    [Fact]
    public async Task Commitments_come_with_signatures_and_configurations()
    {
        await bench.CommitAsync(bench.Record("c").ToEnvelope());
        ulong height = bench.Chain.Height;
        List<ConfigurationBlock> blocks = await ReadAsync(new CommitmentRange { From = 0, Count = height });

        Assert.Equal(height, (ulong)blocks.Count);
        Assert.Equal(
            Enumerable.Range(0, (int)height).Select(n => (ulong)n), blocks.Select(block => block.Block.Number));
        Assert.False(blocks[0].Envelope.IsEmpty);
        Assert.All(blocks.Skip(1), block => Assert.Single(block.Block.Signatures));
        List<ConfigurationBlock> newest = await ReadAsync(new CommitmentRange { From = ulong.MaxValue, Count = 1 });
        Assert.Equal(height - 1, Assert.Single(newest).Block.Number);
        List<ConfigurationBlock> configurations = await ReadAsync(
            new CommitmentRange { From = 0, Count = ulong.MaxValue, ConfigurationsOnly = true });
        Assert.All(configurations, block => Assert.False(block.Envelope.IsEmpty));
        await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument, () => ReadAsync(new CommitmentRange { ConfigurationsOnly = true }));
    }

    [Fact]
    public async Task Paths_prove_what_the_blocks_commit_to()
    {
        while (bench.Chain.Height < 9)
            await bench.CommitAsync(bench.Record("p").ToEnvelope());

        List<ConfigurationBlock> blocks = await ReadAsync(new CommitmentRange { From = 0, Count = 9 });
        Hash32 firstRoot = RootsOf(blocks[5]).Chain;
        Hash32 secondRoot = RootsOf(blocks[8]).Chain;
        Hash32 leaf = BlockCommitments.ChainLeaf(
            BlockHeaderBytes.ToArray(
                3, blocks[3].Block.PreviousHash.Span, blocks[3].Block.DataHash.Span), RootsOf(blocks[3]).Transactions);

        MerklePath consistency = await Proving.ConsistencyAsync(Sign(
            new ProvingRequest { Consistency = new ConsistencyQuestion { First = 5, Second = 8 } }));
        MerklePath inclusion = await Proving.InclusionAsync(Sign(
            new ProvingRequest { Inclusion = new InclusionQuestion { Block = 3, Height = 8 } }));

        Assert.True(MerkleProofs.VerifyConsistency(5, firstRoot, 8, secondRoot, HashesOf(consistency)));
        Assert.True(MerkleProofs.VerifyInclusion(leaf, 3, 8, HashesOf(inclusion), secondRoot));
    }

    [Theory]
    [InlineData(5UL, 4UL,                   StatusCode.InvalidArgument)]
    [InlineData(0UL, 1_000_000UL,           StatusCode.OutOfRange)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, StatusCode.OutOfRange)]
    public async Task Paths_beyond_the_height_are_refused(ulong first, ulong second, StatusCode expected)
    {
        await GatewayBench.RefusalAsync(expected, () => Proving.ConsistencyAsync(Sign(new ProvingRequest
        {
            Consistency = new ConsistencyQuestion { First = first, Second = second },
        })).ResponseAsync);
        await GatewayBench.RefusalAsync(
            first >= second ? StatusCode.InvalidArgument : expected,
            () => Proving.InclusionAsync(Sign(new ProvingRequest
            {
                Inclusion = new InclusionQuestion { Block = first, Height = second },
            })).ResponseAsync);
    }

    [Fact]
    public async Task A_full_house_is_said_at_once()
    {
        var gate = new ProofGate(placesMax: 1);
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> first = gate.RunAsync(() => held.Task);

        await Assert.ThrowsAsync<OverloadedException>(() => gate.RunAsync(() => Task.FromResult(2)));
        held.SetResult(1);

        Assert.Equal(1, await first);
        Assert.Equal(3, await gate.RunAsync(() => Task.FromResult(3)));
    }

    private SignedProvingRequest Request(string kind, Tx tx)
    {
        using SigningIdentity expired = bench.Channel.Org1.Issue(
            "old", "client", TestIssuer.Epoch.AddYears(-2), TestIssuer.Epoch);
        using var strangers = new TestIssuer("Org1", "Org1MSP");
        using SigningIdentity stranger = strangers.Issue("User1@org1.example.com", "client");
        DateTimeOffset now = bench.Clock.GetUtcNow();
        ProvingRequest valid = About(tx.Id);
        return kind switch
        {
            "garbage" => new SignedProvingRequest { Request = ByteString.CopyFromUtf8("garbage") },
            "nothing asked" => Sign(new ProvingRequest()),
            "another question" => Sign(new ProvingRequest { Inclusion = new InclusionQuestion { Height = 1 } }),
            "no transaction" => Sign(new ProvingRequest { TransactionId = "abc" }),
            "no channel" => Sign(valid, request => request.ChannelId = "No Channel"),
            "old" => Sign(valid, request => request.MadeAt = now.AddHours(-1).ToUnixTimeSeconds()),
            "from tomorrow" => Sign(valid, request => request.MadeAt = now.AddDays(1).ToUnixTimeSeconds()),
            "before time" => Sign(valid, request => request.MadeAt = long.MinValue),
            "other channel" => Sign(valid, request => request.ChannelId = "otherchannel"),
            "stranger" => Sign(valid, bench.Channel.Client1, stranger),
            "orderer" => Sign(valid, bench.Channel.Orderer, bench.Channel.Orderer),
            "expired" => Sign(valid, expired, expired),
            "unsigned" => new SignedProvingRequest { Request = Sign(valid).Request },
            "signed as else" => SignWithoutDomain(valid),
            _ => Sign(About(TxId.Of(Hash32.Of("nobody"u8)))),
        };
    }

    private SignedProvingRequest SignWithoutDomain(ProvingRequest request)
    {
        SignedProvingRequest signed = Sign(request);
        signed.Signature = ByteString.CopyFrom(bench.Channel.Client1.Sign(signed.Request.Span));
        return signed;
    }

    private static ProvingRequest About(TxId id) => new() { TransactionId = id.Value };

    private SignedProvingRequest Sign(ProvingRequest request) => Sign(request, _ => { });

    private SignedProvingRequest Sign(ProvingRequest request, Action<ProvingRequest> change)
    {
        request.ChannelId = bench.Channel.Id.Value;
        request.Identity = ByteString.CopyFrom(bench.Channel.Client1.Serialized.Span);
        request.MadeAt = bench.Clock.GetUtcNow().ToUnixTimeSeconds();
        change(request);
        return Signed(request, bench.Channel.Client1);
    }

    private SignedProvingRequest Sign(ProvingRequest request, SigningIdentity claimed, SigningIdentity signer)
    {
        request.ChannelId = bench.Channel.Id.Value;
        request.Identity = ByteString.CopyFrom(claimed.Serialized.Span);
        request.MadeAt = bench.Clock.GetUtcNow().ToUnixTimeSeconds();
        return Signed(request, signer);
    }

    private static SignedProvingRequest Signed(ProvingRequest request, SigningIdentity signer)
    {
        ByteString bytes = request.ToByteString();
        return new SignedProvingRequest
        {
            Request = bytes,
            Signature = ByteString.CopyFrom(signer.Sign(ProvingRequestBytes.ToSign(bytes.Span))),
        };
    }

    private async Task<WireReceipt> ProveAsync(Tx tx) =>
        await Proving.ProveAsync(Sign(About(tx.Id))).ResponseAsync.WaitAsync(GatewayBench.Patience);

    private ReceiptReport Verify(WireReceipt receipt)
    {
        Assert.True(BlockBytes.TryDecode(bench.Chain.Genesis, out BlockBytes? genesis, out string? fault), fault);
        return ReceiptVerification.Verify(Client.Receipts.Receipt.Of(receipt), genesis.Hash);
    }

    private async Task<List<ConfigurationBlock>> ReadAsync(CommitmentRange range)
    {
        using AsyncServerStreamingCall<ConfigurationBlock> call =
            Proving.Commitments(Sign(new ProvingRequest { Commitments = range }));
        var blocks = new List<ConfigurationBlock>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience))
            blocks.Add(call.ResponseStream.Current);

        return blocks;
    }

    // Until peer 2 waits for the transaction, and with it the request of peer 1 is under way.
    private async Task WaitersAsync()
    {
        using var limit = new CancellationTokenSource(GatewayBench.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        bool found = bench.Served2.Peer.Node.TryFindChannel(
            bench.Channel.Id, out Node.Peer.Hosting.PeerChannel? channel);
        Assert.True(found);
        while (channel!.Commits.WaitingCount == 0)
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static BlockRoots RootsOf(ConfigurationBlock block)
    {
        var value = Protocol.Wire.Common.OrdererBlockMetadata.Parser.ParseFrom(block.Block.Value);
        Assert.True(BlockCommitments.TryDecode(value.ConsenterMetadata.Memory, out BlockRoots roots, out _));
        return roots;
    }

    private static Hash32[] HashesOf(MerklePath path) => [.. path.Hashes.Select(hash => Hash32.Read(hash.Span))];
}
