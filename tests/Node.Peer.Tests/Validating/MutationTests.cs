using Node.Peer.Validating;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Validating;

/// <summary>Whatever comes instead of a valid transaction: a verdict, never an exception, and never "valid".</summary>
public sealed class MutationTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private const int MutationsPerSeed = 25_000;
    private readonly TestChannel _channel = fixture.Channel;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_mutated_envelope_is_never_valid(int seed)
    {
        var dice = new Random(seed);
        var verifier = new TransactionVerifier(_channel.Id, self: null, new OwnSignatures());
        byte[] envelope = Tx.Valid(_channel)
            .Reading("a", (1, 2)).ReadingRange("a", "z", ("b", (1, 0))).Writing("k", "value")
            .WritingToCollection("hyperprov", "secret", "k", "v").SettingKeyPolicy("k", "OR('Org1MSP.peer')")
            .Emitting("event", "payload").ToEnvelope();
        Assert.Equal(TxValidationCode.Valid, verifier.Verify(envelope, fixture.Config).Code);

        for (int mutation = 0; mutation < MutationsPerSeed; mutation++)
        {
            byte[] mutated = Mutate(envelope, dice);
            TxValidationCode code = verifier.Verify(mutated, fixture.Config).Code;
            Assert.True(
                code != TxValidationCode.Valid || SaysTheSame(mutated, envelope),
                $"Seed {seed}, mutation {mutation}: {Convert.ToHexString(mutated)}");
        }
    }

    // The signature covers the payload, so equal payload and signature make an equal transaction, whatever else is in
    // the envelope. Blocks hold canonical envelopes only (BlockVerifier), so that nothing else can be.
    private static bool SaysTheSame(byte[] mutated, byte[] original)
    {
        var left = Node.Protocol.Wire.Common.Envelope.Parser.ParseFrom(mutated);
        var right = Node.Protocol.Wire.Common.Envelope.Parser.ParseFrom(original);
        return left.Payload == right.Payload && left.Signature == right.Signature;
    }

    private static byte[] Mutate(byte[] original, Random dice)
    {
        byte[] bytes = [.. original];
        for (int change = dice.Next(3); change >= 0; change--)
        {
            int at = dice.Next(bytes.Length);
            bytes = dice.Next(6) switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], (byte)dice.Next(256), .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + dice.Next(8))..]],
                3 => [.. bytes[..at], .. bytes[dice.Next(at + 1)..]],
                4 => Set(bytes, at, (byte)dice.Next(256)),
                _ => Set(bytes, at, (byte)(bytes[at] ^ (1 << dice.Next(8)))),
            };
            if (bytes.Length == 0)
                return bytes;
        }

        return bytes;
    }

    private static byte[] Set(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }
}
