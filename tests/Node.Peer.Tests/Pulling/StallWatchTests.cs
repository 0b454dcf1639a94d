using Node.Peer.Pulling;
using Node.Testing.Time;

namespace Node.Peer.Tests.Pulling;

public sealed class StallWatchTests : IDisposable
{
    private static readonly TimeSpan s_patience = StallWatch.PatienceFirst;

    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);
    private readonly StallWatch _watch;
    private ulong _elsewhere;   // Others have the blocks below this number.

    public StallWatchTests() => _watch = new StallWatch(_clock, s_patience, number => number < _elsewhere);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Silence_on_a_quiet_channel_is_no_fault()
    {
        _watch.Waiting(5);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.False(_watch.Stalled.IsCancellationRequested);
    }

    [Fact]
    public void An_orderer_that_keeps_back_what_others_have_stalls_when_patience_is_over()
    {
        _watch.Waiting(5);
        _elsewhere = 6;
        _watch.Heard();

        _clock.Advance(s_patience - TimeSpan.FromMilliseconds(1));
        Assert.False(_watch.Stalled.IsCancellationRequested);
        _watch.Heard();   // More news do not buy it time.
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(_watch.Stalled.IsCancellationRequested);
        Assert.Equal(5ul, _watch.Number);
    }

    [Fact]
    public void Patience_that_had_grown_is_as_short_as_ever_once_blocks_come_in_time()
    {
        _watch.Patience = 8 * s_patience;
        _elsewhere = 6;
        _watch.Waiting(5);
        _watch.Arrived(bytes: 1000);
        _watch.Patience = s_patience;
        _elsewhere = 7;
        _watch.Waiting(6);
        _clock.Advance(s_patience);

        Assert.True(_watch.Stalled.IsCancellationRequested);
    }

    [Fact]
    public void What_this_peer_takes_to_commit_is_not_the_orderers_time()
    {
        _elsewhere = 100;
        _watch.Waiting(5);
        _watch.Arrived(bytes: 1000);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_watch.Stalled.IsCancellationRequested);
    }

    [Theory]
    [InlineData(300, 1_000, true)]        // Late.
    [InlineData(200, 1_000, false)]       // In time.
    [InlineData(900, 1 << 20, false)]     // A large block over a slow link.
    public void An_orderer_lags_when_block_after_block_comes_late(int milliseconds, int bytes, bool lags)
    {
        _elsewhere = 100;
        for (ulong number = 0; number < StallWatch.LateBlocksMax; number++)
        {
            Assert.False(_watch.IsLagging);
            _watch.Waiting(number);
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            _watch.Arrived(bytes);
        }

        Assert.Equal(lags, _watch.IsLagging);
    }
}
