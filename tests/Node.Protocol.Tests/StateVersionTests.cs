namespace Node.Protocol.Tests;

public sealed class StateVersionTests
{
    [Theory]
    [InlineData(0UL, 0U, "0000")]
    [InlineData(1UL, 0U, "010100")]
    [InlineData(5UL, 300U, "010502012c")]
    [InlineData(256UL, 255U, "02010001ff")]
    [InlineData(ulong.MaxValue, uint.MaxValue, "08ffffffffffffffff04ffffffff")]
    public void Encodes_to_these_bytes(ulong block, uint transaction, string expectedHex)
    {
        Span<byte> bytes = stackalloc byte[StateVersion.OrderedBytesMax];
        var version = new StateVersion(block, transaction);

        int written = version.EncodeOrdered(bytes);

        Assert.Equal(expectedHex, Convert.ToHexStringLower(bytes[..written]));
        Assert.True(StateVersion.TryDecodeOrdered(bytes[..written], out StateVersion decoded));
        Assert.Equal(version, decoded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]               // The transaction is missing.
    [InlineData("01")]               // So are the digits.
    [InlineData("010000")]           // A leading zero.
    [InlineData("000000")]           // Something behind.
    [InlineData("09010101010101010101" + "00")]
    [InlineData("00050101010101")]   // A transaction beyond 32 bits.
    public void Refuses_what_it_never_writes(string hex) =>
        Assert.False(StateVersion.TryDecodeOrdered(Convert.FromHexString(hex), out _));

    [Fact]
    public void Byte_order_is_version_order()
    {
        var dice = new Dice(seed: 11);
        Span<byte> left = stackalloc byte[StateVersion.OrderedBytesMax];
        Span<byte> right = stackalloc byte[StateVersion.OrderedBytesMax];
        for (int i = 0; i < 10_000; i++)
        {
            StateVersion a = Any(dice);
            StateVersion b = Any(dice);

            int order = left[..a.EncodeOrdered(left)].SequenceCompareTo(right[..b.EncodeOrdered(right)]);

            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(order));
            Assert.Equal(a < b, order < 0);
        }
    }

    private static StateVersion Any(Dice dice) =>
        new(dice.Next() >> dice.Below(64), (uint)(dice.Next() >> (32 + dice.Below(32))));
}
