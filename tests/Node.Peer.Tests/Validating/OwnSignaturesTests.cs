using System.Security.Cryptography;
using Node.Peer.Validating;

namespace Node.Peer.Tests.Validating;

public class OwnSignaturesTests
{
    private static readonly byte[] s_message = "payload and endorser"u8.ToArray();
    private static readonly byte[] s_signature = RandomNumberGenerator.GetBytes(71);

    [Fact]
    public void A_signature_made_here_is_known_with_its_message()
    {
        var own = new OwnSignatures();
        own.Add(s_message, s_signature);

        Assert.True(own.Contains(s_message, s_signature));
    }

    [Fact]
    public void Any_flipped_bit_is_unknown()
    {
        var own = new OwnSignatures();
        own.Add(s_message, s_signature);

        for (int bit = 0; bit < s_signature.Length * 8; bit++)
            Assert.False(own.Contains(s_message, Flip(s_signature, bit)));

        for (int bit = 0; bit < s_message.Length * 8; bit++)
            Assert.False(own.Contains(Flip(s_message, bit), s_signature));
    }

    [Fact]
    public void A_part_of_a_signature_is_unknown()
    {
        var own = new OwnSignatures();
        own.Add(s_message, s_signature);

        Assert.False(own.Contains(s_message, s_signature.AsSpan(..^1)));
        Assert.False(own.Contains(s_message, [.. s_signature, 0]));
        Assert.False(own.Contains(s_message, []));
    }

    [Fact]
    public void Newer_signatures_push_out_older_ones_and_nothing_else_happens()
    {
        var own = new OwnSignatures();
        byte[] message = new byte[sizeof(int)];
        for (int i = 0; i < 100_000; i++)
        {
            BitConverter.TryWriteBytes(message, i);
            own.Add(message, s_signature);
            Assert.True(own.Contains(message, s_signature));
        }
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
