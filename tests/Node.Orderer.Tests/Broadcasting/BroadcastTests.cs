using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Orderer.Tests.Building;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Broadcasting;

public sealed class BroadcastTests : IAsyncLifetime
{
    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    // Each row changes one thing of a good envelope, in the order of the checks; the last word names the answer.
    public static TheoryData<string, Status> Refusals => new()
    {
        { "no envelope",           Status.BadRequest },
        { "no header",             Status.BadRequest },
        { "unknown channel",       Status.BadRequest },
        { "impossible channel",    Status.BadRequest },
        { "type CONFIG",           Status.BadRequest },
        { "type ORDERER",          Status.BadRequest },
        { "empty payload data",    Status.BadRequest },
        { "one byte too large",    Status.BadRequest },
        { "no timestamp",          Status.BadRequest },
        { "timestamp too old",     Status.BadRequest },
        { "timestamp too new",     Status.BadRequest },
        { "expired certificate",   Status.BadRequest },
        { "unknown organisation",  Status.Forbidden },
        { "no creator",            Status.Forbidden },
        { "wrong signature",       Status.Forbidden },
        { "no signature",          Status.Forbidden },
        { "a peer, not a writer",  Status.Forbidden },
        { "update that is none",   Status.BadRequest },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refuses_and_writes_nothing(string flaw, Status expected)
    {
        List<BroadcastResponse> answers = await _bench.BroadcastAsync(Flawed(flaw));

        BroadcastResponse answer = Assert.Single(answers);
        Assert.True(expected == answer.Status, $"{answer.Status}: {answer.Info}");
        Assert.NotEmpty(answer.Info);
        Assert.Equal(1UL, _bench.Ordering.State.Run?.Feed.Height);
    }

    [Fact]
    public async Task Accepts_an_envelope_of_exactly_the_largest_size()
    {
        BroadcastResponse answer = Assert.Single(await _bench.BroadcastAsync(Sized(10 << 20)));

        Assert.True(Status.Success == answer.Status, answer.Info);
        Assert.Equal(1, (await _bench.BlockAsync(1)).Envelopes.Length);
    }

    [Fact]
    public async Task Answers_each_envelope_in_order_and_orders_them_as_they_came()
    {
        byte[][] envelopes = Valid(500);

        List<BroadcastResponse> answers = await _bench.BroadcastAsync(envelopes);

        Assert.Equal(500, answers.Count(answer => answer.Status == Status.Success));
        Assert.Equal(envelopes, await OrderedAsync(envelopes.Length), BytesEqual);
    }

    [Fact]
    public async Task Three_streams_at_once_make_one_chain_that_keeps_the_order_of_each()
    {
        const int Each = 200;
        byte[][][] streams = [Valid(Each), Valid(Each), Valid(Each)];

        await Task.WhenAll(streams.Select(envelopes => _bench.BroadcastAsync(envelopes)));

        List<string> ordered = (await OrderedAsync(3 * Each)).ConvertAll(Convert.ToHexString);
        Assert.Equal(3 * Each, ordered.Distinct().Count());
        foreach (byte[][] envelopes in streams)
        {
            HashSet<string> own = [.. envelopes.Select(Convert.ToHexString)];
            Assert.Equal(envelopes.Select(Convert.ToHexString), ordered.Where(own.Contains));
        }
    }

    [Fact]
    public async Task A_stream_of_giants_is_read_as_fast_as_they_are_answered()
    {
        byte[][] giants = [.. Enumerable.Range(0, 5).Select(_ => Sized(9 << 20))];

        List<BroadcastResponse> answers = await _bench.BroadcastAsync(giants);

        Assert.Equal(5, answers.Count(answer => answer.Status == Status.Success));
        Assert.True(giants.Sum(giant => giant.Length) > 2 * OrdererLimits.StreamBytesMax);
    }

    [Fact]
    public async Task After_a_refusal_the_stream_ends_with_the_answers_of_what_came_before()
    {
        byte[][] good = [Valid(), Valid()];
        byte[] late = Valid();

        List<BroadcastResponse> answers = await _bench.BroadcastAsync([.. good, Flawed("wrong signature"), late]);

        Assert.Equal([Status.Success, Status.Success, Status.Forbidden], answers.Select(answer => answer.Status));
        Assert.Equal(good, await OrderedAsync(2), BytesEqual);
        await _bench.BroadcastAsync(Valid());
        Assert.DoesNotContain(await OrderedAsync(3), envelope => BytesEqual(envelope, late));
    }

    [Fact]
    public async Task An_envelope_in_another_encoding_lies_canonical_in_the_block()
    {
        byte[] canonical = Valid();
        byte[] withUnknownField = [.. canonical, 0x18, 0x01];   // Field 3, varint 1.

        Assert.Equal(Status.Success, Assert.Single(await _bench.BroadcastAsync(withUnknownField)).Status);

        Assert.Equal(canonical, Assert.Single(await OrderedAsync(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(-15)]   // The ends of the window are inside.
    public async Task Accepts_a_timestamp_within_the_window(int minutes)
    {
        byte[] envelope = WithTimestamp(FixedClock.Start.AddMinutes(minutes));

        Assert.Equal(Status.Success, Assert.Single(await _bench.BroadcastAsync(envelope)).Status);
    }

    [Fact]
    public async Task Says_that_it_is_not_available_while_the_channel_is_not_open()
    {
        await _bench.StopAsync();

        BroadcastResponse answer = Assert.Single(await _bench.BroadcastAsync(Valid()));

        Assert.Equal(Status.ServiceUnavailable, answer.Status);
    }

    [Fact]
    public async Task In_maintenance_takes_nothing_but_config_updates_of_orderer_organisations()
    {
        using var channel = new TestChannel();
        Config config = channel.ToConfig();
        ConfigValue consensus = config.ChannelGroup.Groups["Orderer"].Values["ConsensusType"];
        var maintenance = new ConsensusType { Type = "etcdraft", State = ConsensusType.Types.State.Maintenance };
        consensus.Value = maintenance.ToByteString();
        await using OrdererBench bench = OrdererBench.CreateWith(channel, config);
        await bench.StartAsync();

        Status ordinary = Assert.Single(await bench.BroadcastAsync(Tx.Valid(channel).ToEnvelope())).Status;
        Status update = Assert.Single(await bench.BroadcastAsync(BatchSizeUpdate.ToEnvelope(channel, 7))).Status;

        Assert.Equal(Status.ServiceUnavailable, ordinary);
        Assert.Equal(Status.Success, update);
    }

    public async Task InitializeAsync() => _bench = await OrdererBench.StartAsync(_channel);

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private byte[] Valid() => Tx.Valid(_channel).Writing("k", "v").ToEnvelope();

    private byte[][] Valid(int count) => [.. Enumerable.Range(0, count).Select(_ => Valid())];

    private byte[] Flawed(string flaw)
    {
        Tx tx = Tx.Valid(_channel);
        return flaw switch
        {
            "no envelope" => [0xff, 0xff, 0xff],
            "no header" => tx.ChangingPayload(payload => payload.Header = null).ToEnvelope(),
            "unknown channel" => tx.ChangingChannelHeader(header => header.ChannelId = "elsewhere").ToEnvelope(),
            "impossible channel" => tx.ChangingChannelHeader(header => header.ChannelId = "No Name!").ToEnvelope(),
            "type CONFIG" => OfType(HeaderType.Config),
            "type ORDERER" => OfType(HeaderType.OrdererTransaction),
            "empty payload data" => tx.ChangingPayload(payload => payload.Data = ByteString.Empty).ToEnvelope(),
            "one byte too large" => Sized((10 << 20) + 1),
            "no timestamp" => tx.ChangingChannelHeader(header => header.Timestamp = null).ToEnvelope(),
            "timestamp too old" => WithTimestamp(FixedClock.Start.AddMinutes(-15).AddSeconds(-1)),
            "timestamp too new" => WithTimestamp(FixedClock.Start.AddMinutes(15).AddSeconds(1)),
            "expired certificate" => tx.CreatedBy(Expired()).ToEnvelope(),
            "unknown organisation" => tx.CreatedBy(Stranger()).ToEnvelope(),
            "no creator" => tx.ChangingSignatureHeader(header => header.Creator = ByteString.Empty).ToEnvelope(),
            "wrong signature" => tx.ChangingEnvelope(sent => sent.Signature = Flip(sent.Signature)).ToEnvelope(),
            "no signature" => tx.ChangingEnvelope(envelope => envelope.Signature = ByteString.Empty).ToEnvelope(),
            "a peer, not a writer" => tx.CreatedBy(_channel.Peer1).ToEnvelope(),
            "update that is none" => OfType(HeaderType.ConfigUpdate),
            _ => throw new ArgumentOutOfRangeException(nameof(flaw), flaw, "No such flaw."),
        };
    }

    private byte[] OfType(HeaderType type) =>
        Tx.Valid(_channel).ChangingChannelHeader(header => header.Type = (int)type).ToEnvelope();

    private byte[] WithTimestamp(DateTimeOffset time) =>
        Tx.Valid(_channel)
            .ChangingChannelHeader(header => header.Timestamp = Timestamp.FromDateTimeOffset(time))
            .ToEnvelope();

    // Grows the payload until payload and signature have this size. The signature's own size varies by a byte or two.
    private byte[] Sized(int sizeBytes)
    {
        int padding = sizeBytes - 200;
        while (true)
        {
            int attempt = padding;
            byte[] envelope = Tx.Valid(_channel)
                .ChangingPayload(payload => payload.Data = UnsafeByteOperations.UnsafeWrap(new byte[attempt]))
                .ToEnvelope();
            Assert.True(DecodedEnvelope.TryDecode(envelope, out DecodedEnvelope? decoded, out _));
            int actual = decoded.Payload.Length + decoded.Signature.Length;
            if (actual == sizeBytes)
                return envelope;
            padding += sizeBytes - actual;
        }
    }

    private SigningIdentity Expired() => _channel.Org1.Issue(
        "late@org1.example.com", "client", TestIssuer.Epoch, FixedClock.Start.AddSeconds(-1));

    private static SigningIdentity Stranger() =>
        new TestIssuer("Org9", "Org9MSP").Issue("User1@org9.example.com", "client");

    private static ByteString Flip(ByteString bytes)
    {
        byte[] flipped = bytes.ToByteArray();
        flipped[^1] ^= 1;
        return ByteString.CopyFrom(flipped);
    }

    private async Task<List<byte[]>> OrderedAsync(int count)
    {
        var ordered = new List<byte[]>();
        for (ulong number = 1; ordered.Count < count; number++)
        {
            BlockBytes block = await _bench.BlockAsync(number);
            foreach (ReadOnlyMemory<byte> envelope in block.Envelopes)
                ordered.Add(envelope.ToArray());
        }

        return ordered;
    }

    private static bool BytesEqual(byte[] left, byte[] right) => left.AsSpan().SequenceEqual(right);
}
