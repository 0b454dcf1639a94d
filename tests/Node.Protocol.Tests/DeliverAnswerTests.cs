using Google.Protobuf;
using Node.Protocol.Seeking;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.Protocol.Tests;

public class DeliverAnswerTests
{
    [Fact]
    public void A_block_comes_out_byte_for_byte()
    {
        var block = new Block { Header = new BlockHeader { Number = 7, DataHash = ByteString.CopyFrom(new byte[32]) } };
        byte[] message = new DeliverResponse { Block = block }.ToByteArray();

        Assert.True(DeliverAnswer.TryDecode(message, out DeliverAnswer answer));

        Assert.True(answer.IsBlock);
        Assert.Equal(block.ToByteArray(), answer.Block.ToArray());
    }

    [Fact]
    public void A_status_is_no_block()
    {
        byte[] message = new DeliverResponse { Status = Status.NotFound }.ToByteArray();

        Assert.True(DeliverAnswer.TryDecode(message, out DeliverAnswer answer));

        Assert.False(answer.IsBlock);
        Assert.Equal(Status.NotFound, answer.Status);
    }

    [Theory]
    [InlineData("")]               // Nothing is neither.
    [InlineData("0800")]           // A status that says nothing.
    [InlineData("1200")]           // An empty block.
    [InlineData("12ff01")]         // Cut off.
    [InlineData("0a0101")]         // A status that is bytes.
    public void Anything_else_is_refused(string hex) =>
        Assert.False(DeliverAnswer.TryDecode(Convert.FromHexString(hex), out _));
}
