using Node.Peer.Pulling;

namespace Node.Peer.Tests.Pulling;

public class BackoffTests
{
    [Fact]
    public void Pauses_grow_to_the_most_and_start_small_again_after_success()
    {
        var backoff = new Backoff();
        TimeSpan ceiling = Backoff.First;
        for (int failure = 0; failure < 20; failure++)
        {
            Assert.InRange(backoff.Next(), ceiling / 2, ceiling);
            ceiling = ceiling * 2 < Backoff.Most ? ceiling * 2 : Backoff.Most;
        }

        backoff.Reset();

        Assert.InRange(backoff.Next(), TimeSpan.Zero, Backoff.First);
    }
}
