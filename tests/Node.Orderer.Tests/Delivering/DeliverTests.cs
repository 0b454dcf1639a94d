using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Delivering;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Delivering;

public sealed class DeliverTests : IAsyncLifetime
{
    private static readonly Hash32 s_certificate = Hash32.Of("the client's certificate"u8);

    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    // The channel has blocks 0 to 3. Positions: a number, "oldest", "newest", "next".
    [Theory]
    [InlineData("oldest", "newest",  "0 1 2 3 Success")]
    [InlineData("oldest", "oldest",  "0 Success")]
    [InlineData("newest", "newest",  "3 Success")]
    [InlineData("1",      "2",       "1 2 Success")]
    [InlineData("2",      "2",       "2 Success")]
    [InlineData("2",      "oldest",  "2 Success")]          // "Oldest" as a stop means the start.
    [InlineData("2",      "1",       "BadRequest")]
    [InlineData("5",      "9",       "NotFound")]           // Beyond the height...
    [InlineData("1",      "next",    "BadRequest")]         // A stop at the next commit is no stop.
    [InlineData("none",   "newest",  "BadRequest")]
    [InlineData("oldest", "none",    "BadRequest")]
    [InlineData("empty",  "newest",  "BadRequest")]
    public async Task Delivers_the_range_that_was_asked_for(string start, string stop, string expected)
    {
        byte[] seek = Seek.In(_channel).From(Position(start)).To(Position(stop)).ToEnvelope();

        Assert.Equal(expected, Frames.Text(await _bench.DeliverAsync(seek)));
    }

    [Theory]
    [InlineData("4",    "9", "NotFound")]                   // ...or at it, and not willing to wait.
    [InlineData("next", "9", "NotFound")]
    [InlineData("3",    "9", "3 NotFound")]                 // What is there is sent first.
    [InlineData("3",    "3", "3 Success")]
    public async Task Fails_when_told_not_to_wait(string start, string stop, string expected)
    {
        byte[] seek = Seek.In(_channel).From(Position(start)).To(Position(stop))
            .Changing(info => info.Behavior = SeekInfo.Types.SeekBehavior.FailIfNotReady)
            .ToEnvelope();

        Assert.Equal(expected, Frames.Text(await _bench.DeliverAsync(seek)));
    }

    [Theory]
    [InlineData("4")]
    [InlineData("next")]
    [InlineData("newest")]
    public async Task A_follower_is_given_new_blocks_for_ever_after_its_half_close(string start)
    {
        byte[] seek = Seek.In(_channel).From(Position(start)).To(ulong.MaxValue).ToEnvelope();
        TestRequests<EnvelopeBytes> requests = RequestsOf(seek).HalfClose();
        var responses = new TestResponses<DeliverFrame>();
        using var leave = new CancellationTokenSource();
        Task call = _bench.NewDeliverStream().RunAsync(requests, responses, leave.Token);
        if (start == "newest")
            Assert.Equal(3UL, Frames.Decode(await responses.NextAsync()).Block.Header.Number);

        for (ulong number = 4; number < 8; number++)
        {
            await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope());
            Assert.Equal(number, Frames.Decode(await responses.NextAsync()).Block.Header.Number);
        }

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Serves_one_request_after_the_other_on_a_stream_until_one_fails()
    {
        byte[] first = Seek.In(_channel).From(0).To(0).ToEnvelope();
        byte[] second = Seek.In(_channel).From(2).To(3).ToEnvelope();
        byte[] failing = Seek.In(_channel).From(9).To(9).ToEnvelope();

        Assert.Equal(
            "0 Success 2 3 Success NotFound",
            Frames.Text(await _bench.DeliverAsync(first, second, failing, first)));
    }

    [Theory]
    [InlineData("no envelope",          "BadRequest")]
    [InlineData("no timestamp",         "BadRequest")]
    [InlineData("timestamp too old",    "BadRequest")]
    [InlineData("timestamp too new",    "BadRequest")]
    [InlineData("unknown channel",      "NotFound")]
    [InlineData("impossible channel",   "NotFound")]
    [InlineData("no seek",              "BadRequest")]
    [InlineData("unknown organisation", "Forbidden")]
    [InlineData("wrong signer",         "Forbidden")]
    [InlineData("expired",              "Forbidden")]
    public async Task Refuses(string flaw, string expected) =>
        Assert.Equal(expected, Frames.Text(await _bench.DeliverAsync(Flawed(flaw))));

    [Theory]
    [InlineData(false, "none",  "3 Success")]     // Without mutual TLS nothing is bound...
    [InlineData(false, "wrong", "3 Success")]
    [InlineData(true,  "none",  "BadRequest")]    // ...with it the hash must be there,
    [InlineData(true,  "wrong", "BadRequest")]    // and be that of the connection.
    [InlineData(true,  "right", "3 Success")]
    public async Task Binds_a_request_to_its_connection_under_mutual_TLS(bool mutual, string claimed, string expected)
    {
        byte[] seek = Seek.In(_channel).From(3).To(3).ChangingHeader(header => header.TlsCertHash = claimed switch
        {
            "right" => ByteString.CopyFrom(s_certificate.AsSpan()),
            "wrong" => ByteString.CopyFrom(Hash32.Of("another"u8).AsSpan()),
            _ => ByteString.Empty,
        }).ToEnvelope();

        Assert.Equal(expected, Frames.Text(await _bench.DeliverAsync(mutual, s_certificate, seek)));
    }

    [Fact]
    public async Task A_certificate_that_expires_while_waiting_gets_no_further_block()
    {
        SigningIdentity shortLived = _channel.Org1.Issue(
            "brief@org1.example.com", "client", TestIssuer.Epoch, FixedClock.Start.AddMinutes(1));
        byte[] seek = Seek.In(_channel).SignedBy(shortLived).From(3).To(ulong.MaxValue).ToEnvelope();
        TestRequests<EnvelopeBytes> requests = RequestsOf(seek);
        var responses = new TestResponses<DeliverFrame>();
        Task call = _bench.NewDeliverStream().RunAsync(requests, responses, Patience.Token);
        Assert.Equal(3UL, Frames.Decode(await responses.NextAsync()).Block.Header.Number);

        _bench.Clock.MoveTo(FixedClock.Start.AddMinutes(2));
        await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope());
        await call;

        Assert.Equal("Forbidden", Frames.Text(responses.Rest().ConvertAll(Frames.Decode)));
    }

    [Fact]
    public async Task Headers_come_with_their_signatures_and_without_data_unless_the_block_is_a_configuration()
    {
        byte[] seek = Seek.In(_channel)
            .Changing(info => info.ContentType = SeekInfo.Types.SeekContentType.HeaderWithSig)
            .ToEnvelope();

        List<DeliverResponse> responses = await _bench.DeliverAsync(seek);

        Assert.Equal("0 1 2 3 Success", Frames.Text(responses));
        Assert.Single(responses[0].Block.Data.Data);
        for (ulong number = 1; number <= 3; number++)
        {
            Block block = responses[(int)number].Block;
            Assert.Null(block.Data);
            Assert.Equal(5, block.Metadata.Metadata.Count);
            Assert.Equal((await _bench.BlockAsync(number)).DataHash.AsSpan(), block.Header.DataHash.Span);
        }
    }

    [Fact]
    public async Task The_bytes_delivered_are_the_bytes_stored()
    {
        List<DeliverResponse> responses = await _bench.DeliverAsync(Seek.In(_channel).From(1).To(3).ToEnvelope());

        for (ulong number = 1; number <= 3; number++)
        {
            byte[] stored = (await _bench.BlockAsync(number)).Bytes.ToArray();
            Assert.Equal(stored, responses[(int)number - 1].Block.ToByteArray());
        }
    }

    [Theory]
    [InlineData(SeekInfo.Types.SeekErrorResponse.Strict)]
    [InlineData(SeekInfo.Types.SeekErrorResponse.BestEffort)]   // Without a store no effort helps.
    public async Task Says_that_it_is_not_available_while_not_open(SeekInfo.Types.SeekErrorResponse errors)
    {
        await _bench.StopAsync();

        byte[] seek = Seek.In(_channel).Changing(info => info.ErrorResponse = errors).ToEnvelope();

        Assert.Equal("ServiceUnavailable", Frames.Text(await _bench.DeliverAsync(seek)));
    }

    [Fact]
    public async Task A_follower_is_told_when_the_channel_stops()
    {
        byte[] seek = Seek.In(_channel).From(3).To(ulong.MaxValue).ToEnvelope();
        TestRequests<EnvelopeBytes> requests = RequestsOf(seek);
        var responses = new TestResponses<DeliverFrame>();
        Task call = _bench.NewDeliverStream().RunAsync(requests, responses, Patience.Token);
        await responses.NextAsync();

        await _bench.StopAsync();
        await call;

        Assert.Equal("ServiceUnavailable", Frames.Text(responses.Rest().ConvertAll(Frames.Decode)));
    }

    public async Task InitializeAsync()
    {
        _bench = await OrdererBench.StartAsync(_channel);
        for (ulong number = 1; number <= 3; number++)
        {
            await _bench.BroadcastAsync(Tx.Valid(_channel).Writing("k", "v").ToEnvelope());
            await _bench.BlockAsync(number);
        }
    }

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private byte[] Flawed(string flaw)
    {
        Seek seek = Seek.In(_channel);
        return flaw switch
        {
            "no envelope" => [0xff, 0x01, 0x02],
            "no timestamp" => seek.ChangingHeader(header => header.Timestamp = null).ToEnvelope(),
            "timestamp too old" => At(FixedClock.Start.AddMinutes(-16)),
            "timestamp too new" => At(FixedClock.Start.AddMinutes(16)),
            "unknown channel" => seek.ChangingHeader(header => header.ChannelId = "elsewhere").ToEnvelope(),
            "impossible channel" => seek.ChangingHeader(header => header.ChannelId = "").ToEnvelope(),
            "no seek" => seek.Carrying([0xff, 0xff]).ToEnvelope(),
            "unknown organisation" => seek.SignedBy(Stranger()).ToEnvelope(),
            "wrong signer" => WronglySigned(seek.ToEnvelope()),
            "expired" => seek.SignedBy(Expired()).ToEnvelope(),
            _ => throw new ArgumentOutOfRangeException(nameof(flaw), flaw, "No such flaw."),
        };

        byte[] At(DateTimeOffset time) =>
            seek.ChangingHeader(header => header.Timestamp = Timestamp.FromDateTimeOffset(time)).ToEnvelope();
    }

    private static TestRequests<EnvelopeBytes> RequestsOf(byte[] seek) =>
        new TestRequests<EnvelopeBytes>().Send(new EnvelopeBytes(seek));

    private byte[] WronglySigned(byte[] envelope)
    {
        Envelope other = Envelope.Parser.ParseFrom(envelope);
        other.Signature = ByteString.CopyFrom(_channel.Client2.Sign(other.Payload.Span));
        return other.ToByteArray();
    }

    private SigningIdentity Expired() => _channel.Org1.Issue(
        "late@org1.example.com", "client", TestIssuer.Epoch, FixedClock.Start.AddSeconds(-1));

    private static SigningIdentity Stranger() =>
        new TestIssuer("Org9", "Org9MSP").Issue("User1@org9.example.com", "client");

    private static SeekPosition? Position(string text) => text switch
    {
        "none" => null,
        "empty" => new SeekPosition(),
        "oldest" => new SeekPosition { Oldest = new SeekOldest() },
        "newest" => new SeekPosition { Newest = new SeekNewest() },
        "next" => new SeekPosition { NextCommit = new SeekNextCommit() },
        _ => new SeekPosition
        {
            Specified = new SeekSpecified { Number = ulong.Parse(text, CultureInfo.InvariantCulture) },
        },
    };
}
