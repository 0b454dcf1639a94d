using Microsoft.Extensions.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Renewing;
using Node.Testing.Time;

namespace Node.Hosting.Tests.Renewing;

public sealed class CertificateWatchTests : IDisposable
{
    private static readonly DateTimeOffset s_end = new(2027, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ManualClock _clock = new(s_end.AddDays(-100));
    private readonly CertificateWatch _watch;
    private readonly Heard _log = new();
    private readonly Renewable _own = new("peer0", s_end);

    public CertificateWatchTests()
    {
        _watch = new CertificateWatch(_clock);
        _watch.Add(_own);
    }

    public void Dispose() => _watch.Dispose();

    // Days before the end on which the node looks, and what it has said by then.
    [Theory]
    [InlineData("100 31", "")]
    [InlineData("31 30 29 8", "ends in 30 days")]
    [InlineData("30 7", "ends in 30 days|ends in 7 days")]
    [InlineData("5", "ends in 5 days")]                              // Started late: said at once.
    [InlineData("1 1 1", "ends in 1 days")]
    [InlineData("30 7 1 -1 -2", "ends in 30 days|ends in 7 days|ends in 1 days|expired at 2027-06-01 00:00:00Z")]
    public void Warns_once_at_each_stage(string looks, string expected)
    {
        foreach (string days in looks.Split(' '))
        {
            _clock.Advance(s_end.AddDays(-int.Parse(days, System.Globalization.CultureInfo.InvariantCulture))
                - _clock.GetUtcNow());
            _watch.Look(_log);
        }

        string[] parts = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(parts.Length, _log.Lines.Count);
        Assert.All(parts.Zip(_log.Lines), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.All(_log.Lines, line => Assert.Contains("identity renew --all", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_renewal_is_said_and_what_cannot_be_used_is_said_once()
    {
        _own.Next = s_end.AddDays(300);
        _watch.Look(_log);
        Assert.Contains("was renewed", Assert.Single(_log.Lines), StringComparison.Ordinal);

        _own.Fault = "the key does not belong to it";
        _watch.Look(_log);
        _watch.Look(_log);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("does not belong", _log.Lines[1], StringComparison.Ordinal);
        Assert.Contains("does not belong", Assert.Single(_watch.FindFaults()).Reason, StringComparison.Ordinal);

        _own.Fault = null;
        _watch.Look(_log);
        Assert.Empty(_watch.FindFaults());
    }

    [Fact]
    public void Health_tells_of_own_certificates_alone_once_they_expired()
    {
        _watch.Add(() => [Root("ca.org1", isOwn: true), Root("ca.org2", isOwn: false)]);
        Assert.Empty(_watch.FindFaults());

        _clock.Advance(TimeSpan.FromDays(101));

        Assert.Equal(
            ["signing certificate of peer0", "CA certificate of ca.org1"],
            _watch.FindFaults().Select(fault => fault.Component));
    }

    [Fact]
    public void Figures_tell_the_seconds_that_are_left()
    {
        using var metrics = new MetricsText(_watch.Meter);
        _watch.Add(() => [Root("ca.org2", isOwn: false)]);

        string text = metrics.Print();
        Assert.Contains("# TYPE hyperprov_certificate_seconds_left gauge", text, StringComparison.Ordinal);
        Assert.Contains("subject=\"peer0\"", text, StringComparison.Ordinal);
        Assert.Contains("own=\"true\"} 8640000", text, StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromDays(101));
        Assert.Contains("own=\"true\"} -86400", metrics.Print(), StringComparison.Ordinal);
    }

    private static CertificateFacts Root(string name, bool isOwn) =>
        new(CertificateUse.Root, isOwn, name, "1", s_end.AddYears(-1), s_end);

    private sealed class Renewable(string name, DateTimeOffset end) : IRenewedCertificate
    {
        public DateTimeOffset? Next { get; set; }

        public CertificateFacts Facts { get; private set; } =
            new(CertificateUse.Signing, IsOwn: true, name, "1", end.AddYears(-1), end);

        public string Place => "msp";

        public string? Fault { get; set; }

        public bool Refresh(DateTimeOffset now)
        {
            if (Next is not { } next)
                return false;

            Facts = Facts with { NotAfter = next, SerialNumber = "2" };
            Next = null;
            return true;
        }
    }

    private sealed class Heard : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
