using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Delivering;
using Node.Peer.Tests.Gateways;
using Node.Protocol;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using DeliverResponse = Node.Protocol.Wire.Peer.DeliverResponse;
using Metadata = Node.Protocol.Wire.Common.Metadata;

namespace Node.Peer.Tests.Delivering;

public sealed class DeliverTests(GatewayBench bench) : IClassFixture<GatewayBench>, IAsyncLifetime
{
    private static readonly Hash32 s_certificate = Hash32.Of("the client's certificate"u8);

    // Positions: a number, "oldest", "newest", "next"; "h" is the height. The channel has at least four blocks.
    [Theory]
    [InlineData("oldest", "2",      "0 1 2 Success")]
    [InlineData("oldest", "oldest", "0 Success")]
    [InlineData("newest", "newest", "h-1 Success")]
    [InlineData("h-2",    "newest", "h-2 h-1 Success")]
    [InlineData("1",      "2",      "1 2 Success")]
    [InlineData("2",      "oldest", "2 Success")]          // "Oldest" as a stop means the start.
    [InlineData("2",      "1",      "BadRequest")]
    [InlineData("h+1",    "h+9",    "NotFound")]
    [InlineData("1",      "next",   "BadRequest")]         // A stop at the next commit is no stop.
    [InlineData("none",   "newest", "BadRequest")]
    [InlineData("oldest", "none",   "BadRequest")]
    [InlineData("empty",  "newest", "BadRequest")]
    public async Task Delivers_the_range_that_was_asked_for(string start, string stop, string expected)
    {
        using var stream = new Stream(bench.Deliver.Deliver());
        await stream.AskAsync(Seek(start, stop));

        Assert.Equal(Resolve(expected), await stream.TextAsync(Resolve(expected).Split(' ').Length));
    }

    [Theory]
    [InlineData("h",    "h+9", "NotFound")]
    [InlineData("next", "h+9", "NotFound")]
    [InlineData("h-1",  "h+9", "h-1 NotFound")]            // What is there is sent first.
    [InlineData("h-1",  "h-1", "h-1 Success")]
    public async Task Fails_when_told_not_to_wait(string start, string stop, string expected)
    {
        using var stream = new Stream(bench.Deliver.Deliver());
        await stream.AskAsync(Seek(start, stop, info => info.Behavior = SeekInfo.Types.SeekBehavior.FailIfNotReady));

        Assert.Equal(Resolve(expected), await stream.TextAsync(Resolve(expected).Split(' ').Length));
    }

    [Theory]
    [InlineData("h-1")]
    [InlineData("newest")]
    public async Task A_follower_is_given_new_blocks_after_its_half_close(string start)
    {
        ulong height = bench.Chain.Height;
        using var stream = new Stream(bench.Deliver.Deliver());
        await stream.AskAsync(Seek(start, "18446744073709551615"));
        await stream.Call.RequestStream.CompleteAsync();
        Assert.Equal($"{height - 1}", await stream.TextAsync(1));

        for (int block = 0; block < 3; block++)
            await bench.CommitAsync(bench.Record("k").ToEnvelope());

        Assert.Equal($"{height} {height + 1} {height + 2}", await stream.TextAsync(3));
    }

    [Fact]
    public async Task Serves_one_request_after_the_other_until_one_fails_which_ends_the_stream()
    {
        using var stream = new Stream(bench.Deliver.Deliver());
        foreach ((string start, string stop) in ((string, string)[])[("0", "0"), ("2", "3"), ("3", "2")])
            await stream.AskAsync(Seek(start, stop));

        Assert.Equal("0 Success 2 3 Success BadRequest", await stream.TextAsync(6));
        Assert.False(await stream.Call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Theory]
    [InlineData("no envelope",          "BadRequest")]
    [InlineData("no timestamp",         "BadRequest")]
    [InlineData("timestamp too old",    "BadRequest")]
    [InlineData("timestamp too new",    "BadRequest")]
    [InlineData("unknown channel",      "NotFound")]
    [InlineData("impossible channel",   "NotFound")]
    [InlineData("no seek",              "BadRequest")]
    [InlineData("no seek, no channel",  "NotFound")]
    [InlineData("stranger",             "Forbidden")]
    [InlineData("orderer",              "Forbidden")]       // A member, but no reader of the application.
    [InlineData("wrong signer",         "Forbidden")]
    [InlineData("expired",              "Forbidden")]
    public async Task Refuses(string flaw, string expected)
    {
        foreach (AsyncDuplexStreamingCall<Envelope, DeliverResponse> call in
            (AsyncDuplexStreamingCall<Envelope, DeliverResponse>[])
            [bench.Deliver.Deliver(), bench.Deliver.DeliverFiltered(), bench.Deliver.DeliverWithPrivateData()])
        {
            using var stream = new Stream(call);
            await stream.AskAsync(Flawed(flaw));

            Assert.Equal(expected, await stream.TextAsync(1));
        }
    }

    [Theory]
    [InlineData(false, "none",  true, "Success")]     // Without mutual TLS nothing is bound...
    [InlineData(false, "wrong", true, "Success")]
    [InlineData(true,  "none",  true, "BadRequest")]  // ...with it the hash must be there,
    [InlineData(true,  "wrong", true, "BadRequest")]  // and be that of the connection,
    [InlineData(true,  "none",  false, "BadRequest")]
    [InlineData(true,  "right", true, "Success")]     // which has one.
    public async Task Binds_a_request_to_its_connection_under_mutual_TLS(
        bool mutual, string claimed, bool presents, string expected)
    {
        Envelope seek = Seek("1", "1", _ => { }, header => header.TlsCertHash = claimed switch
        {
            "right" => ByteString.CopyFrom(s_certificate.AsSpan()),
            "wrong" => ByteString.CopyFrom(Hash32.Of("another"u8).AsSpan()),
            _ => ByteString.Empty,
        });
        var requests = new Requests(seek);
        var responses = new Responses();
        var session = new DeliverSession<DeliverResponse>(
            bench.Peer1.Node, new FullBlocks(), new TlsBinding(mutual, presents ? s_certificate : null));

        await session.RunAsync(requests, responses, CancellationToken.None);

        Assert.Equal(expected, responses.Written[^1].Status.ToString());
    }

    [Fact]
    public async Task An_identity_that_expires_while_waiting_gets_no_further_block()
    {
        using SigningIdentity brief = bench.Channel.Org1.Issue(
            "brief@org1.example.com", "client", TestIssuer.Epoch, bench.Clock.GetUtcNow().AddSeconds(1));
        using var stream = new Stream(bench.Deliver.Deliver());
        await stream.AskAsync(Seek("newest", "h+9", _ => { }, _ => { }, brief));
        await stream.TextAsync(1);

        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        await bench.CommitAsync(bench.Record("k").ToEnvelope());

        Assert.Equal("Forbidden", await stream.TextAsync(1));
    }

    [Fact]
    public async Task The_policy_is_judged_again_when_the_configuration_has_changed()
    {
        using SigningIdentity member = bench.Channel.Org1.Issue("leaver@org1.example.com", "client");
        using var leaver = new Stream(bench.Deliver.Deliver());
        using var stayer = new Stream(bench.Deliver.Deliver());
        await leaver.AskAsync(Seek("newest", "h+9", _ => { }, _ => { }, member));
        await stayer.AskAsync(Seek("newest", "h+9"));
        await leaver.TextAsync(1);
        await stayer.TextAsync(1);
        ulong height = bench.Chain.Height;

        bench.Channel.Org1.Revoke(member);
        await bench.CommitBlockAsync(
            bench.Chain.NextMembership(bench.Channel.Org1, bench.Channel.Admin1, bench.Channel.Admin2));

        Assert.Equal("Forbidden", await leaver.TextAsync(1));
        Assert.Equal($"{height}", await stayer.TextAsync(1));
    }

    [Fact]
    public async Task Whole_blocks_are_those_of_the_ledger_with_codes_and_commit_hash()
    {
        await bench.CommitAsync(bench.Record("k").ToEnvelope(), bench.Record("k").EndorsedBy().ToEnvelope());
        using var whole = new Stream(bench.Deliver.Deliver());
        using var withPrivateData = new Stream(bench.Deliver.DeliverWithPrivateData());
        await whole.AskAsync(Seek("newest", "newest"));
        await withPrivateData.AskAsync(Seek("newest", "newest"));

        Block block = (await whole.NextAsync()).Block;

        Assert.True(bench.Peer1.Channel.Ledger.TryReadBlock(block.Header.Number, out byte[]? stored));
        Assert.Equal(stored, block.ToByteArray());
        Assert.Equal(new byte[] { 0, 10 }, block.Metadata.Metadata[2].ToByteArray());
        Assert.Equal(32, Metadata.Parser.ParseFrom(block.Metadata.Metadata[4]).Value.Length);
        Assert.Equal(block, (await withPrivateData.NextAsync()).BlockAndPrivateData.Block);
    }

    [Fact]
    public async Task Filtered_blocks_show_ids_codes_and_event_names_and_nothing_else()
    {
        Tx valid = bench.Record("secret");
        Tx invalid = bench.Record("secret").EndorsedBy(bench.Channel.Peer1);
        Tx silent = Tx.Valid(bench.Channel).Writing("silent", "{}");
        await bench.CommitAsync(valid.ToEnvelope(), invalid.ToEnvelope(), silent.ToEnvelope());
        using var stream = new Stream(bench.Deliver.DeliverFiltered());
        await stream.AskAsync(Seek("newest", "newest"));

        FilteredBlock block = (await stream.NextAsync()).FilteredBlock;

        Assert.Equal(("mychannel", bench.Chain.Height - 1), (block.ChannelId, block.Number));
        Assert.Equal(
            [
                (valid.Id.Value, HeaderType.EndorserTransaction, TxValidationCode.Valid, 1),
                (invalid.Id.Value, HeaderType.EndorserTransaction, TxValidationCode.EndorsementPolicyFailure, 1),
                (silent.Id.Value, HeaderType.EndorserTransaction, TxValidationCode.Valid, 0),
            ],
            block.FilteredTransactions.Select(found => (
                found.Txid, found.Type, found.TxValidationCode, found.TransactionActions.ChaincodeActions.Count)));
        ChaincodeEvent shown = block.FilteredTransactions[0].TransactionActions.ChaincodeActions[0].ChaincodeEvent;
        Assert.Equal(
            new ChaincodeEvent { ChaincodeId = "hyperprov", TxId = valid.Id.Value, EventName = "recorded" }, shown);
    }

    [Fact]
    public async Task A_filtered_configuration_has_no_transaction_id()
    {
        using var stream = new Stream(bench.Deliver.DeliverFiltered());
        await stream.AskAsync(Seek("0", "0"));

        FilteredTransaction found = Assert.Single((await stream.NextAsync()).FilteredBlock.FilteredTransactions);

        Assert.Equal(
            ("", HeaderType.Config, TxValidationCode.Valid), (found.Txid, found.Type, found.TxValidationCode));
        Assert.Null(found.TransactionActions);
    }

    [Fact]
    public async Task One_stream_too_many_is_told_to_go_elsewhere()
    {
        var streams = new OpenStreams(bench.Peer1.Node, streamsMax: 1);
        using var leave = new CancellationTokenSource();
        Task first = streams.ServeAsync(
            StatusCode.Unavailable, token => Task.Delay(Timeout.InfiniteTimeSpan, bench.Clock, token), leave.Token);

        await GatewayBench.RefusalAsync(
            StatusCode.ResourceExhausted,
            () => streams.ServeAsync(StatusCode.Unavailable, _ => Task.CompletedTask, CancellationToken.None));

        Assert.Equal(1, streams.Count);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(0, streams.Count);
    }

    public async Task InitializeAsync()
    {
        while (bench.Chain.Height < 4)
            await bench.CommitAsync(bench.Record("k").ToEnvelope());
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private Envelope Flawed(string flaw)
    {
        DateTimeOffset now = bench.Clock.GetUtcNow();
        SigningIdentity signer = flaw switch
        {
            "stranger" => new TestIssuer("Org9", "Org9MSP").Issue("User1@org9.example.com", "client"),
            "orderer" => bench.Channel.Orderer,
            "expired" => bench.Channel.Org1.Issue(
                "late@org1.example.com", "client", TestIssuer.Epoch, now.AddSeconds(-1)),
            _ => bench.Channel.Client1,
        };
        bool hasSeek = !flaw.StartsWith("no seek", StringComparison.Ordinal);
        Envelope seek = Seek("0", "0", _ => { }, Change, signer, hasSeek);
        if (flaw == "no envelope")
            seek.Payload = ByteString.CopyFrom(0xff, 0x01, 0x02);
        else if (flaw == "wrong signer")
            seek.Signature = ByteString.CopyFrom(bench.Channel.Client2.Sign(seek.Payload.Span));

        return seek;

        void Change(ChannelHeader header)
        {
            header.Timestamp = flaw switch
            {
                "no timestamp" => null,
                "timestamp too old" => Timestamp.FromDateTimeOffset(now.AddMinutes(-16)),
                "timestamp too new" => Timestamp.FromDateTimeOffset(now.AddMinutes(16)),
                _ => header.Timestamp,
            };
            header.ChannelId = flaw switch
            {
                "unknown channel" or "no seek, no channel" => "elsewhere",
                "impossible channel" => "",
                _ => header.ChannelId,
            };
        }
    }

    private Envelope Seek(string start, string stop) => Seek(start, stop, _ => { });

    private Envelope Seek(string start, string stop, Action<SeekInfo> change) => Seek(start, stop, change, _ => { });

    private Envelope Seek(string start, string stop, Action<SeekInfo> change, Action<ChannelHeader> changeHeader) =>
        Seek(start, stop, change, changeHeader, bench.Channel.Client1);

    private Envelope Seek(
        string start, string stop, Action<SeekInfo> change, Action<ChannelHeader> changeHeader,
        SigningIdentity signer) => Seek(start, stop, change, changeHeader, signer, hasSeek: true);

    // As the gateway SDK sends it: without a nonce.
    private Envelope Seek(
        string start, string stop, Action<SeekInfo> change, Action<ChannelHeader> changeHeader,
        SigningIdentity signer, bool hasSeek)
    {
        var info = new SeekInfo { Start = Position(start), Stop = Position(stop) };
        change(info);
        var header = new ChannelHeader
        {
            Type = (int)HeaderType.DeliverSeekInfo,
            ChannelId = bench.Channel.Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(bench.Clock.GetUtcNow()),
        };
        changeHeader(header);
        var signatureHeader = new SignatureHeader { Creator = ByteString.CopyFrom(signer.Serialized.Span) };
        ByteString payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = header.ToByteString(), SignatureHeader = signatureHeader.ToByteString(),
            },
            Data = hasSeek ? info.ToByteString() : ByteString.CopyFrom(0xff, 0xff),
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(signer.Sign(payload.Span)) };
    }

    private SeekPosition? Position(string text) => text switch
    {
        "none" => null,
        "empty" => new SeekPosition(),
        "oldest" => new SeekPosition { Oldest = new SeekOldest() },
        "newest" => new SeekPosition { Newest = new SeekNewest() },
        "next" => new SeekPosition { NextCommit = new SeekNextCommit() },
        _ => new SeekPosition
        {
            Specified = new SeekSpecified { Number = ulong.Parse(Resolve(text), CultureInfo.InvariantCulture) },
        },
    };

    private string Resolve(string text) => string.Join(' ', text.Split(' ').Select(word => word switch
    {
        "h" => $"{bench.Chain.Height}",
        ['h', '+', .. string plus] => $"{bench.Chain.Height + ulong.Parse(plus, CultureInfo.InvariantCulture)}",
        ['h', '-', .. string minus] => $"{bench.Chain.Height - ulong.Parse(minus, CultureInfo.InvariantCulture)}",
        _ => word,
    }));

    private sealed class Stream(AsyncDuplexStreamingCall<Envelope, DeliverResponse> call) : IDisposable
    {
        public AsyncDuplexStreamingCall<Envelope, DeliverResponse> Call => call;

        public Task AskAsync(Envelope seek) => call.RequestStream.WriteAsync(seek);

        public async Task<DeliverResponse> NextAsync()
        {
            Assert.True(
                await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience));
            return call.ResponseStream.Current;
        }

        /// <summary>The next responses, as block numbers and statuses.</summary>
        public async Task<string> TextAsync(int count)
        {
            var words = new List<string>();
            for (int i = 0; i < count; i++)
            {
                DeliverResponse response = await NextAsync();
                words.Add(response.TypeCase == DeliverResponse.TypeOneofCase.Status
                    ? response.Status.ToString()
                    : $"{response.Block.Header.Number}");
            }

            return string.Join(' ', words);
        }

        public void Dispose() => call.Dispose();
    }

    private sealed class Requests(params Envelope[] envelopes) : IAsyncStreamReader<Envelope>
    {
        private int _next = -1;

        public Envelope Current => envelopes[_next];

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(++_next < envelopes.Length);
    }

    private sealed class Responses : IServerStreamWriter<DeliverResponse>
    {
        public List<DeliverResponse> Written { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(DeliverResponse message)
        {
            Written.Add(message);
            return Task.CompletedTask;
        }

        public Task WriteAsync(DeliverResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
