using Node.Testing.Channels;

namespace Node.Orderer.Tests.Building;

/// <summary>A calendar that stands still until a test moves it; timers and durations are real.</summary>
internal sealed class FixedClock : TimeProvider
{
    private DateTimeOffset _now = Start;

    /// <summary>The moment at which transactions of tests say they were made.</summary>
    public static DateTimeOffset Start => TestOrganization.Epoch.AddDays(1);

    public override DateTimeOffset GetUtcNow() => _now;

    public void MoveTo(DateTimeOffset now) => _now = now;
}
