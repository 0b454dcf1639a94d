using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>
/// A calendar that stands still until a test moves it; durations are real, and timers run as fast as told.
/// </summary>
internal sealed class FixedClock : TimeProvider
{
    private DateTimeOffset _now = Start;

    /// <summary>The moment at which transactions of tests say they were made.</summary>
    public static DateTimeOffset Start => TestIssuer.Epoch.AddDays(1);

    /// <summary>How many times faster than real time a timer is due.</summary>
    public int TimerSpeed { get; set; } = 1;

    public override DateTimeOffset GetUtcNow() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / TimerSpeed : dueTime, period);

    public void MoveTo(DateTimeOffset now) => _now = now;
}
