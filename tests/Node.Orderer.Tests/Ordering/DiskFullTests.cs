using Node.Orderer.Ordering;
using Node.Orderer.Tests.Building;
using Node.Protocol.Wire.Common;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Orderer.Tests.Ordering;

public sealed class DiskFullTests : IAsyncLifetime
{
    private const long MiB = 1 << 20;

    private readonly TestChannel _channel = new();
    private OrdererBench _bench = null!;   // Set before each test.

    [Theory]
    [InlineData(2000, 72, 0, true)]      // On a large disk 64 MiB are kept free, beside four times a batch of 2 MiB...
    [InlineData(2000, 71, 0, false)]
    [InlineData(160,  18, 0, true)]      // ...on a small one a sixteenth.
    [InlineData(160,  17, 0, false)]
    [InlineData(160,  22, 3, true)]      // A larger batch needs more.
    [InlineData(160,  21, 3, false)]
    [InlineData(0,     0, 0, false)]     // A disk that does not answer has no room.
    public void Has_room_or_not(long totalMiB, long freeMiB, int batchMiB, bool expected)
    {
        var disk = new DiskWatch("/data", _ => (freeMiB * MiB, totalMiB * MiB));

        Assert.Equal(expected, disk.FindFault((int)(batchMiB * MiB)) is null);
    }

    [Fact]
    public async Task A_full_disk_refuses_envelopes_serves_blocks_and_goes_on_when_there_is_room()
    {
        await _bench.BroadcastAsync(Valid());
        await _bench.BlockAsync(1);

        _bench.FreeBytes = 9 * MiB;
        var refusal = Assert.Single(await _bench.BroadcastAsync(Valid()));
        string blocks = Frames.Text(await _bench.DeliverAsync(Seek.In(_channel).ToEnvelope()));
        string? fault = _bench.Ordering.Fault;
        _bench.FreeBytes = 20 * MiB;
        var success = Assert.Single(await _bench.BroadcastAsync(Valid()));

        Assert.Equal(Status.ServiceUnavailable, refusal.Status);
        Assert.Contains("9216 KB are free", refusal.Info, StringComparison.Ordinal);
        Assert.Equal("0 1 Success", blocks);
        Assert.Contains("make room", fault, StringComparison.Ordinal);
        Assert.Equal(Status.Success, success.Status);
        Assert.Null(_bench.Ordering.Fault);
    }

    public async Task InitializeAsync() => _bench = await OrdererBench.StartAsync(_channel);

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    private byte[] Valid() => Tx.Valid(_channel).Writing("k", "v").ToEnvelope();
}
