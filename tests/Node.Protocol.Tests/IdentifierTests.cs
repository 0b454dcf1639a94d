using System.Text;

namespace Node.Protocol.Tests;

public sealed class IdentifierTests
{
    // Nonce 00 to 17, creator Org1MSP with the certificate text "cert".
    private const string CreatorHex = "0a074f7267314d5350120463657274";
    private const string TxIdText = "9b509b14e9418ff403128c815509476925771dc21a7c77e2899e7c170e960a45";

    private static byte[] Nonce => [.. Enumerable.Range(0, 24).Select(i => (byte)i)];

    [Fact]
    public void A_transaction_id_is_the_digest_of_nonce_and_creator()
    {
        byte[] creator = Convert.FromHexString(CreatorHex);

        TxId id = TxId.Compute(Nonce, creator);

        Assert.Equal(TxIdText, id.Value);
        Assert.True(TxId.Matches(Encoding.ASCII.GetBytes(TxIdText), Nonce, creator));
        Assert.False(TxId.Matches(Encoding.ASCII.GetBytes(TxIdText), Nonce.AsSpan(1), creator));
        Assert.False(TxId.Matches(Encoding.ASCII.GetBytes(TxIdText.ToUpperInvariant()), Nonce, creator));
        Assert.False(TxId.Matches([], Nonce, creator));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("9b509b14")]
    [InlineData("9B509b14e9418ff403128c815509476925771dc21a7c77e2899e7c170e960a45")]   // Upper case is another text.
    [InlineData("xb509b14e9418ff403128c815509476925771dc21a7c77e2899e7c170e960a45")]
    public void Other_text_is_no_transaction_id(string? text)
    {
        Assert.False(TxId.TryParse(text, out TxId id, out string? fault));
        Assert.True(id.IsNone);
        Assert.Contains("64 lower-case hex", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mychannel", true)]
    [InlineData("a", true)]
    [InlineData("a.b-c9", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("9a", false)]
    [InlineData("-a", false)]
    [InlineData("myChannel", false)]
    [InlineData("my_channel", false)]
    [InlineData("my channel", false)]
    [InlineData("ä", false)]
    public void A_channel_name_is_a_letter_then_letters_digits_dots_dashes(string? text, bool valid)
    {
        Assert.Equal(valid, ChannelId.TryParse(text, out ChannelId id, out string? fault));
        Assert.Equal(valid, fault is null);
        Assert.Equal(valid ? text : "", id.Value);
        Assert.Equal(valid, ChannelId.TryParse(Encoding.UTF8.GetBytes(text ?? ""), out ChannelId fromBytes, out _));
        Assert.Equal(id, fromBytes);
    }

    [Fact]
    public void Names_end_at_their_limits()
    {
        Assert.True(ChannelId.TryParse(new string('a', Limits.ChannelIdCharsMax), out _, out _));
        Assert.False(ChannelId.TryParse(new string('a', Limits.ChannelIdCharsMax + 1), out _, out _));
        Assert.False(ChannelId.TryParse(new byte[Limits.ChannelIdCharsMax + 1], out _, out _));
        Assert.True(MspId.TryParse(new string('a', Limits.MspIdBytesMax), out _, out _));
        Assert.False(MspId.TryParse(new string('a', Limits.MspIdBytesMax + 1), out _, out _));
        Assert.False(MspId.TryParse(new string('é', Limits.MspIdBytesMax), out _, out _));
    }

    [Theory]
    [InlineData("Org1MSP", true)]
    [InlineData("Örg 1", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a\0b", false)]
    [InlineData("a\nb", false)]
    public void An_MSP_id_is_printable_text(string? text, bool valid)
    {
        Assert.Equal(valid, MspId.TryParse(text, out MspId id, out string? fault));
        Assert.Equal(valid, fault is null);
        Assert.Equal(!valid, id.IsNone);
    }

    [Fact]
    public void Broken_text_is_no_MSP_id()
    {
        Assert.False(MspId.TryParse([0x41, 0xff], out _, out _));
        Assert.False(MspId.TryParse(new string('\ud800', 1), out _, out _));   // Half a surrogate pair.
    }

    [Fact]
    public void A_name_this_program_wrote_wrong_is_a_bug()
    {
        Assert.Throws<InvariantViolatedException>(() => ChannelId.Of("My"));
        Assert.Throws<InvariantViolatedException>(() => MspId.Of(""));
        Assert.Throws<InvariantViolatedException>(() => default(TxId).ToHash());
    }
}
