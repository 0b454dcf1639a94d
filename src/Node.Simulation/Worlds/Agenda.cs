using Node.Protocol;

namespace Node.Simulation.Worlds;

/// <summary>What happens next: the only thing in a simulated world that moves time.</summary>
/// <remarks>Ties are broken by the order in which they were put down, so a run has one history.</remarks>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (long At, long Order)> _queue = new();
    private long _order;

    /// <summary>Since the world began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Things that have happened.</summary>
    public long Steps { get; private set; }

    public void After(TimeSpan delay, Action happen) => At(Now + delay, happen);

    public void At(TimeSpan time, Action happen) =>
        _queue.Enqueue(happen, (Math.Max(time.Ticks, Now.Ticks), _order++));

    /// <summary>Lets the next thing happen, unless it is later than <paramref name="end"/>.</summary>
    public bool TryStep(TimeSpan end)
    {
        if (!_queue.TryPeek(out _, out (long At, long Order) when) || when.At > end.Ticks)
        {
            Now = end > Now ? end : Now;
            return false;
        }

        Action happen = _queue.Dequeue();
        Invariant.Require(when.At >= Now.Ticks, "time moves forward");
        Now = TimeSpan.FromTicks(when.At);
        Steps++;
        happen();
        return true;
    }
}
