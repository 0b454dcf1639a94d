using Google.Protobuf;
using Node.Orderer.Tests.Building;
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
            byte[] garbage = Mutate(samples[dice.Next(samples.Length)], dice);
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
            byte[] garbage = Mutate(sample, dice);
            List<DeliverResponse> responses = await _bench.DeliverAsync(garbage);
            Assert.True(
                IsSameSigned(garbage, [sample]) || responses is [{ Status: not Status.Success }],
                $"seed {seed}, round {round}: {Frames.Text(responses)} to {Convert.ToHexString(garbage)}");
        }

        Assert.Equal("0 Success", Frames.Text(await _bench.DeliverAsync(sample)));
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

    private static byte[] Mutate(byte[] sample, Random dice)
    {
        byte[] bytes = [.. sample];
        switch (dice.Next(5))
        {
            case 0:
                return bytes[..dice.Next(bytes.Length)];
            case 1:
                bytes[dice.Next(bytes.Length)] ^= (byte)(1 << dice.Next(8));
                return bytes;
            case 2:
                dice.NextBytes(bytes.AsSpan(dice.Next(bytes.Length)));
                return bytes;
            case 3:
                byte[] random = new byte[dice.Next(200)];
                dice.NextBytes(random);
                return random;
            default:
                int at = dice.Next(bytes.Length);
                return [.. bytes[..at], (byte)dice.Next(256), .. bytes[at..]];
        }
    }
}
