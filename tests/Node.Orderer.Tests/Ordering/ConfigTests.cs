using Google.Protobuf;
using Node.Ledger.Ordering;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Ordering;

public sealed class ConfigTests : IAsyncLifetime
{
    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    [Fact]
    public async Task An_update_becomes_a_signed_config_transaction_alone_in_its_block()
    {
        await _bench.BroadcastAsync(Valid());
        byte[] update = BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7);

        BroadcastResponse answer = Assert.Single(await _bench.BroadcastAsync(update));

        Assert.True(Status.Success == answer.Status, answer.Info);
        BlockBytes block = await _bench.BlockAsync(2);
        DecodedEnvelope envelope = Decode(Assert.Single(block.Envelopes.ToArray()));
        ConfigEnvelope config = ConfigEnvelope.Parser.ParseFrom(envelope.Data.Span);
        Assert.Equal(HeaderType.Config, envelope.Type);
        Assert.True(envelope.TxIdUtf8.IsEmpty);
        Assert.Equal(1UL, config.Config.Sequence);
        Assert.Equal(update, config.LastUpdate.ToByteArray());
        Assert.True(_channel.Config().TryResolve(envelope.Creator.Span, out Identity? signer, out _));
        Assert.Equal(NodeRole.Orderer, signer.Role);
        Assert.True(signer.Verify(envelope.Payload.Span, envelope.Signature.Span));
    }

    [Fact]
    public async Task Blocks_name_the_last_config_block_and_a_config_block_names_itself()
    {
        await _bench.BroadcastAsync(Valid());
        await _bench.BroadcastAsync(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7));
        await _bench.BroadcastAsync(Valid());

        var lastConfigs = new List<ulong>();
        for (ulong number = 1; number <= 3; number++)
            lastConfigs.Add(LastConfigOf(await _bench.BlockAsync(number)));

        Assert.Equal([0UL, 2, 2], lastConfigs);
    }

    [Fact]
    public async Task The_new_configuration_holds_as_soon_as_the_update_is_answered_and_after_a_restart()
    {
        await _bench.BroadcastAsync(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7));
        int atOnce = Rules().BatchLimits.EnvelopeCountMax;

        await _bench.StopAsync();
        await _bench.StartAsync();

        Assert.Equal((7, 7), (atOnce, Rules().BatchLimits.EnvelopeCountMax));
        Assert.Equal(1UL, Rules().Sequence);
    }

    [Theory]
    [InlineData("stale version")]
    [InlineData("approved by an application administrator")]
    [InlineData("sent by a client")]
    public async Task An_update_that_does_not_fit_is_refused_and_makes_no_block(string flaw)
    {
        byte[] update = flaw switch
        {
            "stale version" => BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7, fromVersion: 5),
            "approved by an application administrator" =>
                BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7, administrator: _channel.Admin1),
            _ => BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7, administrator: _channel.Client1),
        };

        BroadcastResponse answer = Assert.Single(await _bench.BroadcastAsync(update));

        Assert.Equal(Status.BadRequest, answer.Status);
        Assert.Equal(1UL, _bench.Ordering.State.Run?.Feed.Height);
    }

    [Fact]
    public async Task Of_two_updates_of_one_version_at_once_the_second_is_refused()
    {
        byte[] first = BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7);
        byte[] second = BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 8);

        List<BroadcastResponse> answers = await _bench.BroadcastAsync(first, second);

        Assert.Equal([Status.Success, Status.BadRequest], answers.Select(answer => answer.Status));
        Assert.Equal(7, Rules().BatchLimits.EnvelopeCountMax);
        Assert.Equal(2UL, _bench.Ordering.State.Run?.Feed.Height);
    }

    // Another orderer appended both before it had read either: the log holds an entry that fits no more.
    [Fact]
    public async Task A_config_entry_that_no_longer_fits_is_passed_over_now_and_after_every_restart()
    {
        await _bench.StopAsync();
        AppendToLog(
            Config(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7)),
            Config(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 8)));

        await _bench.StartAsync();
        await _bench.BlockAsync(1);
        await _bench.StopAsync();
        await _bench.StartAsync();
        await _bench.BroadcastAsync(Valid());

        BlockBytes next = await _bench.BlockAsync(2);
        Assert.Equal(HeaderType.EndorserTransaction, Decode(Assert.Single(next.Envelopes.ToArray())).Type);
        Assert.Equal(7, Rules().BatchLimits.EnvelopeCountMax);
    }

    [Fact]
    public async Task What_was_checked_under_an_older_configuration_is_checked_again()
    {
        ChannelRules old = Rules();
        await _bench.BroadcastAsync(BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7));
        EnvelopeVerdict stale = _bench.Checks.Check(Decode(Valid()), old);
        Assert.True(stale.IsAccepted);

        _bench.Clock.MoveTo(FixedClock.Start.AddHours(1));   // Now too old.
        BroadcastAnswer answer = await _bench.Ordering.OrderAsync(stale.Envelope);

        Assert.Equal(Status.BadRequest, answer.Status);
    }

    public async Task InitializeAsync() => _bench = await OrdererBench.StartAsync(_channel);

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private ChannelRules Rules() => _bench.Ordering.State.Run!.Context.Rules;   // The bench runs.

    private byte[] Valid() => Tx.Valid(_channel).ToEnvelope();

    private static DecodedEnvelope Decode(ReadOnlyMemory<byte> bytes)
    {
        Assert.True(DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out _));
        return envelope;
    }

    private static ulong LastConfigOf(BlockBytes block)
    {
        Assert.True(DecodedBlockSignatures.TryDecode(block.Slot(0), out DecodedBlockSignatures? signatures, out _));
        return signatures.LastConfigIndex;
    }

    private CutBatch Config(byte[] update)
    {
        var rules = new ChannelRules(_channel.Config());
        EnvelopeVerdict verdict = _bench.ConfigTransactions.Propose(Decode(update), rules);
        Assert.True(verdict.IsAccepted, verdict.Refusal?.Text);
        return new CutBatch([verdict.Envelope], IsConfig: true);
    }

    private void AppendToLog(params CutBatch[] cuts)
    {
        using OrdererStore store = OrdererStore.Open(_bench.StoreFolder, _channel.Id);
        var ids = new BatchIds("another orderer"u8.ToArray(), incarnation: 1);
        foreach (CutBatch cut in cuts)
            store.AppendEntries([Batch.Of(ids.Next(), cut).Encoded]);
    }
}
