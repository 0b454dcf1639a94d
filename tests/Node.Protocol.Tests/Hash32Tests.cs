using System.Security.Cryptography;
using System.Text;

namespace Node.Protocol.Tests;

public sealed class Hash32Tests
{
    private const string AbcHex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void Digests_and_prints_as_the_standard_says() => Assert.Equal(AbcHex, Hash32.Of("abc"u8).ToString());

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 2, 3)]
    [InlineData(200, 200, 112)]   // Exactly what fits the stack.
    [InlineData(200, 200, 113)]   // One more.
    [InlineData(5000, 1, 4000)]
    public void Digests_parts_as_if_they_were_one(int first, int second, int third)
    {
        byte[] whole = Dice.Bytes(seed: 7, first + second + third);

        Hash32 parts = Hash32.Of(
            whole.AsSpan(0, first), whole.AsSpan(first, second), whole.AsSpan(first + second, third));

        Assert.Equal(Hash32.Read(SHA256.HashData(whole)), parts);
    }

    [Fact]
    public void Hex_survives_the_round_trip_in_both_cases()
    {
        Assert.True(Hash32.TryParseHex(AbcHex, out Hash32 lower));
        Assert.True(Hash32.TryParseHex(AbcHex.ToUpperInvariant(), out Hash32 upper));
        Assert.Equal(Hash32.Of("abc"u8), lower);
        Assert.Equal(lower, upper);
        Assert.Equal(Convert.FromHexString(AbcHex), lower.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ba")]
    [InlineData(AbcHex + "00")]
    [InlineData("g" + "a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Other_text_is_no_digest(string text) => Assert.False(Hash32.TryParseHex(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Other_lengths_are_no_digest(int bytes)
    {
        Assert.False(Hash32.TryRead(new byte[bytes], out _));
        Assert.Throws<InvariantViolatedException>(() => Hash32.Read(new byte[bytes]));
    }

    [Fact]
    public void Order_is_byte_order_and_every_byte_counts()
    {
        for (int place = 0; place < Hash32.Bytes; place++)
        {
            byte[] bytes = new byte[Hash32.Bytes];
            bytes[place] = 1;
            Hash32 one = Hash32.Read(bytes);
            bytes[place] = 0x80;
            Hash32 larger = Hash32.Read(bytes);

            Assert.True(Hash32.Zero < one && one < larger && larger >= one && one != larger && !one.IsZero);
        }
    }

    [Fact]
    public void Text_and_bytes_name_the_same_transaction()
    {
        TxId id = TxId.Of(Hash32.Of("abc"u8));

        Assert.Equal(AbcHex, id.Value);
        Assert.Equal(Hash32.Of("abc"u8), id.ToHash());
        Assert.True(TxId.TryParse(Encoding.ASCII.GetBytes(AbcHex), out TxId parsed, out _));
        Assert.Equal(id, parsed);
    }
}
