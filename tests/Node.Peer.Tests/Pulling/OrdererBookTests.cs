using Node.Membership;
using Node.Peer.Pulling;
using Node.Testing.Time;

namespace Node.Peer.Tests.Pulling;

public sealed class OrdererBookTests
{
    private static readonly OrdererEndpoint s_one = new(default, "one", 7050, []);
    private static readonly OrdererEndpoint s_two = new(default, "two", 7050, []);

    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);
    private readonly OrdererBook _book;

    public OrdererBookTests() => _book = new OrdererBook(_clock);

    [Theory]
    [InlineData(OrdererFault.Unreachable, 1)]
    [InlineData(OrdererFault.Lagging, 60)]
    [InlineData(OrdererFault.Stalling, 600)]
    [InlineData(OrdererFault.Lying, 86_400)]
    internal void An_orderer_is_left_alone_for_longer_each_time_and_never_longer_than_its_fault_allows(
        OrdererFault fault, int secondsMax)
    {
        TimeSpan first = _book.Failed("one:7050", fault);
        TimeSpan last = first;
        for (int time = 0; time < 40; time++)
            last = _book.Failed("one:7050", fault);

        Assert.True(last > first);
        Assert.InRange(last.TotalSeconds, secondsMax / 2.0, secondsMax);
    }

    [Fact]
    public void Whoever_failed_is_not_chosen_while_another_one_is_there()
    {
        _book.Failed("one:7050", OrdererFault.Stalling);

        for (int time = 0; time < 10; time++)
            Assert.Equal((s_two, TimeSpan.Zero), _book.Choose([s_one, s_two]));
    }

    [Fact]
    public void A_liar_is_not_asked_while_an_honest_orderer_is_merely_away()
    {
        _book.Failed("one:7050", OrdererFault.Lying);
        _book.Failed("two:7050", OrdererFault.Lagging);

        (OrdererEndpoint endpoint, TimeSpan wait) = _book.Choose([s_one, s_two]);

        Assert.Equal(s_two, endpoint);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.True(_book.IsShunned("one:7050"));
        Assert.Equal(1, _book.ShunnedCount);
    }

    [Fact]
    public void Where_all_kept_blocks_back_the_one_that_did_so_first_is_asked_again_at_once()
    {
        _book.Failed("one:7050", OrdererFault.Stalling);
        _clock.Advance(TimeSpan.FromSeconds(4));
        _book.Failed("two:7050", OrdererFault.Stalling);
        _book.Failed("two:7050", OrdererFault.Stalling);

        Assert.Equal((s_one, TimeSpan.Zero), _book.Choose([s_one, s_two]));
        Assert.Equal((s_two, OrdererBook.OnlySlowWait), _book.Choose([s_two]));
    }

    [Fact]
    public void One_that_kept_a_block_back_is_better_than_one_that_is_not_there()
    {
        _book.Failed("one:7050", OrdererFault.Stalling);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _book.Failed("two:7050", OrdererFault.Unreachable);

        Assert.Equal((s_one, TimeSpan.Zero), _book.Choose([s_one, s_two]));
    }

    [Fact]
    public void Where_all_lied_one_of_them_is_asked_again_soon()
    {
        _book.Failed("one:7050", OrdererFault.Lying);

        Assert.Equal((s_one, OrdererBook.OnlyLiarsWait), _book.Choose([s_one]));
    }

    [Fact]
    public void Durable_blocks_forgive_everything_but_a_lie()
    {
        _book.Failed("one:7050", OrdererFault.Stalling);
        _book.Worked("one:7050");
        Assert.Equal((s_one, TimeSpan.Zero), _book.Choose([s_one]));

        _book.Failed("one:7050", OrdererFault.Lying);
        _book.Worked("one:7050");

        Assert.True(_book.IsShunned("one:7050"));
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.False(_book.IsShunned("one:7050"));
        Assert.Equal((s_one, TimeSpan.Zero), _book.Choose([s_one]));
    }
}
