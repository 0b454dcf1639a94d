using System.Buffers;
using Grpc.Core.Framing;

namespace Grpc.Core.Tests;

public class ProtocolTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text, ~", "plain text, ~")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb\t", "a%0D%0Ab%09")]
    [InlineData("größer", "gr%C3%B6%C3%9Fer")]
    [InlineData("\u7F51 \U0001F40B", "%E7%BD%91 %F0%9F%90%8B")]
    [InlineData("\u007F", "%7F")]
    public void A_status_text_travels_percent_encoded(string text, string escaped)
    {
        Assert.Equal(escaped, GrpcProtocol.EscapeMessage(text));
        Assert.Equal(text, GrpcProtocol.UnescapeMessage(escaped));
    }

    [Theory]
    [InlineData("50%", "50%")]
    [InlineData("50%2", "50%2")]
    [InlineData("50%zz", "50%zz")]
    [InlineData("%C3", "\uFFFD")]          // Not UTF-8: replaced, never thrown at.
    [InlineData("%e7%bd%91", "\u7F51")]    // Lower case is as good.
    public void What_is_no_escape_stays_as_it_is(string escaped, string text) =>
        Assert.Equal(text, GrpcProtocol.UnescapeMessage(escaped));

    [Theory]
    [InlineData("0n", 0L)]
    [InlineData("1n", 1L)]                // Rounded up to the tick of 100 ns.
    [InlineData("250n", 3L)]
    [InlineData("7u", 70L)]
    [InlineData("15m", 150_000L)]
    [InlineData("2S", 20_000_000L)]
    [InlineData("1M", 600_000_000L)]
    [InlineData("1H", 36_000_000_000L)]
    [InlineData("99999999H", 3_599_999_964_000_000_000L)]
    public void A_timeout_reads_in_each_unit(string text, long ticks)
    {
        Assert.True(GrpcProtocol.TryParseTimeout(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData(-1L, "1n")]
    [InlineData(1L, "1u")]                 // Rounded up: the server must not give up before the client does.
    [InlineData(10L, "1u")]
    [InlineData(11L, "2u")]
    [InlineData(999_999_990L, "99999999u")]
    [InlineData(999_999_991L, "100000m")]
    [InlineData(10_000_000_000_000L, "1000000S")]
    public void A_timeout_is_written_in_the_finest_unit_of_eight_digits(long ticks, string text)
    {
        string written = GrpcProtocol.FormatTimeout(TimeSpan.FromTicks(ticks));

        Assert.Equal(text, written);
        Assert.True(GrpcProtocol.TryParseTimeout(written, out TimeSpan back));
        Assert.True(back.Ticks >= ticks);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("AA", "00")]
    [InlineData("AA==", "00")]
    [InlineData("AAE", "0001")]
    [InlineData("AAEC", "000102")]
    [InlineData("++//", "FBEFFF")]
    public void Binary_values_read_with_and_without_padding(string text, string hex)
    {
        Assert.True(GrpcProtocol.TryDecodeBinary(text, out byte[] bytes));
        Assert.Equal(hex, Convert.ToHexString(bytes));
        Assert.Equal(text.TrimEnd('='), GrpcProtocol.EncodeBinary(bytes));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("A!==")]
    [InlineData("-_-_")]   // The alphabet of URLs is another one.
    public void What_is_no_base64_is_refused(string text) => Assert.False(GrpcProtocol.TryDecodeBinary(text, out _));

    [Fact]
    public void Metadata_keys_are_lower_case_and_say_whether_they_are_binary()
    {
        var metadata = new Metadata { { "Key", "first" }, { "key", "second" }, { "key-bin", [1] } };

        Assert.Equal("second", metadata.GetValue("KEY"));
        Assert.Equal(["first", "second"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Equal([1], metadata.GetValueBytes("key-bin"));
        Assert.True(metadata[2].IsBinary);
        Assert.Throws<InvalidOperationException>(() => metadata[2].Value);
        Assert.Throws<ArgumentException>(() => metadata.Add("key-bin", "text"));
        Assert.Throws<ArgumentException>(() => metadata.Add("key", [1]));
        Assert.Throws<ArgumentException>(() => metadata.Add("a key", "text"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "text"));
    }

    [Fact]
    public void Both_ways_to_write_a_marshaller_give_the_same_bytes()
    {
        Marshaller<string> arrays =
            Marshallers.Create(System.Text.Encoding.UTF8.GetBytes, System.Text.Encoding.UTF8.GetString);
        Marshaller<string> contexts = Marshallers.Create<string>(
            (text, context) =>
            {
                context.GetBufferWriter().Write(System.Text.Encoding.UTF8.GetBytes(text));
                context.Complete();
            },
            context => System.Text.Encoding.UTF8.GetString(context.PayloadAsNewBuffer()));
        foreach (Marshaller<string> marshaller in (Marshaller<string>[])[arrays, contexts])
        {
            Assert.Equal("abc"u8.ToArray(), marshaller.Serializer("abc"));
            Assert.Equal("abc", marshaller.Deserializer("abc"u8.ToArray()));
            using PooledFrame frame = PooledFrame.Of(marshaller.ContextualSerializer, "abc", bytesMax: 3);
            Assert.Equal([0, 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c'], frame.Memory.ToArray());
            Assert.Throws<RpcException>(() => PooledFrame.Of(marshaller.ContextualSerializer, "abcd", bytesMax: 3));
        }
    }

    [Fact]
    public void A_message_that_changes_while_it_is_serialized_breaks_its_own_frame_only()
    {
        Assert.Throws<FrameBrokenException>(() => PooledFrame.Of<string>(
            (_, context) =>
            {
                context.SetPayloadLength(3);
                context.GetBufferWriter().Advance(2);
                context.Complete();
            },
            "abc",
            bytesMax: 100));
        Assert.Throws<InvalidOperationException>(() => PooledFrame.Of<string>((_, _) => { }, "abc", bytesMax: 100));
    }
}
