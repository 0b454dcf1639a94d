using Google.Protobuf;
using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Broadcasting;

/// <summary>Whatever arrives is answered, nothing of it is ordered unsigned, and the orderer goes on.</summary>
public sealed class GarbageTests : IAsyncLifetime
{
    private const int MutationsPerSeed = 400;

    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Broadcast_survives_mutated_envelopes(int seed)
    {
        var dice = new Random(seed);
        byte[] update = BatchSizeUpdate.ToEnvelope(_channel, maxMessageCount: 7);
        byte[][] samples = [Tx.Valid(_channel).Writing("k", "v").ToEnvelope(), update];
        for (int round = 0; round < MutationsPerSeed; round++)
        {
            byte[] garbage = Garbage.Mutate(samples[dice.Next(samples.Length)], dice);
            BroadcastResponse answer = Assert.Single(await _bench.BroadcastAsync(garbage));
            bool harmless = IsSameSigned(garbage, samples);
            Assert.True(
                harmless || answer.Status is Status.BadRequest or Status.Forbidden,
                $"seed {seed}, round {round}: {answer.Status} {answer.Info} to {Convert.ToHexString(garbage)}");
        }

        BroadcastResponse after = Assert.Single(await _bench.BroadcastAsync(Tx.Valid(_channel).ToEnvelope()));
        Assert.Equal(Status.Success, after.Status);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Deliver_survives_mutated_seeks(int seed)
    {
        var dice = new Random(seed);
        byte[] sample = Seek.In(_channel).From(0).To(0).ToEnvelope();
        for (int round = 0; round < MutationsPerSeed; round++)
        {
            byte[] garbage = Garbage.Mutate(sample, dice);
            List<DeliverResponse> responses = await _bench.DeliverAsync(garbage);
            Assert.True(
                IsSameSigned(garbage, [sample]) || responses is [{ Status: not Status.Success }],
                $"seed {seed}, round {round}: {Frames.Text(responses)} to {Convert.ToHexString(garbage)}");
        }

        Assert.Equal("0 Success", Frames.Text(await _bench.DeliverAsync(sample)));
    }

    // The same without a stream around it, so that it can be done often.
    [Fact]
    public void Checks_survive_a_hundred_thousand_mutated_envelopes()
    {
        var dice = new Random(1);
        byte[] sample = Tx.Valid(_channel).Writing("k", "v").ToEnvelope();
        var rules = new ChannelRules(_channel.Config());
        for (int round = 0; round < 100_000; round++)
        {
            byte[] garbage = Garbage.Mutate(sample, dice);
            if (!DecodedEnvelope.TryDecode(garbage, out DecodedEnvelope? envelope, out _))
                continue;

            bool accepted = _bench.Checks.Check(envelope, rules).IsAccepted;
            Assert.True(!accepted || IsSameSigned(garbage, [sample]), $"round {round}: {Convert.ToHexString(garbage)}");
        }
    }

    public async Task InitializeAsync() => _bench = await OrdererBench.StartAsync(_channel);

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    // A mutation outside of payload and signature, an unknown field say, leaves what was signed as it was.
    private static bool IsSameSigned(byte[] garbage, byte[][] samples)
    {
        try
        {
            Envelope mutated = Envelope.Parser.ParseFrom(garbage);
            return samples.Select(Envelope.Parser.ParseFrom).Any(sample =>
                mutated.Payload == sample.Payload && mutated.Signature == sample.Signature);
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
