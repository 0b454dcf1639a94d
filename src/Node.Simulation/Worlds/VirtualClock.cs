namespace Node.Simulation.Worlds;

/// <summary>The clock of one life of a host: it may be wrong, and jump; its timers end with the life.</summary>
internal sealed class VirtualClock(Agenda agenda, SimulatedHost host, int life) : TimeProvider
{
    /// <summary>Where all worlds begin.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Epoch + agenda.Now + host.Skew;

    public override long GetTimestamp() => agenda.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(agenda, fire => host.Step(life, fire), () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(Agenda agenda, Action<Action> step, Action callback) : ITimer
    {
        private long _setting;   // Counts changes: what an older setting put on the agenda is void.

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
                agenda.After(dueTime, () => Fire(setting, period));

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(long setting, TimeSpan period)
        {
            if (setting != _setting)
                return;

            if (period > TimeSpan.Zero)
                agenda.After(period, () => Fire(setting, period));

            step(callback);
        }
    }
}
