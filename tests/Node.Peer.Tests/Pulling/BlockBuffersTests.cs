using Node.Peer.Pulling;

namespace Node.Peer.Tests.Pulling;

public class BlockBuffersTests
{
    [Fact]
    public void A_returned_buffer_is_used_again_when_it_is_long_enough()
    {
        var buffers = new BlockBuffers();
        byte[] first = buffers.Rent(100_000);
        buffers.Return(first);

        byte[] longer = buffers.Rent(first.Length + 1);
        byte[] again = buffers.Rent(50);

        Assert.True(longer.Length > first.Length);
        Assert.Same(first, again);
        Assert.NotSame(again, buffers.Rent(50));
    }

    [Fact]
    public void Nobody_gets_a_buffer_that_another_has()
    {
        var buffers = new BlockBuffers();
        var dice = new Random(7);
        var rented = new HashSet<byte[]>();
        for (int step = 0; step < 10_000; step++)
        {
            if (rented.Count < 20 && dice.Next(2) == 0)
            {
                int length = dice.Next(1, 500_000);
                byte[] buffer = buffers.Rent(length);
                Assert.True(buffer.Length >= length);
                Assert.True(rented.Add(buffer));
            }
            else if (rented.Count > 0)
            {
                byte[] buffer = rented.First();
                rented.Remove(buffer);
                buffers.Return(buffer);
            }
        }
    }

    [Fact]
    public void Few_buffers_are_kept_and_no_giants()
    {
        var buffers = new BlockBuffers();
        byte[][] many = [.. Enumerable.Range(0, BlockBuffers.KeptMax + 3).Select(_ => buffers.Rent(1000))];
        byte[] giant = buffers.Rent(BlockBuffers.KeptBytesMax + 1);
        buffers.Return(giant);
        foreach (byte[] buffer in many)
            buffers.Return(buffer);

        byte[][] again = [.. Enumerable.Range(0, many.Length).Select(_ => buffers.Rent(1000))];

        Assert.Equal(BlockBuffers.KeptMax, again.Intersect(many).Count());
        Assert.DoesNotContain(giant, again);
    }
}
