using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Node.Hosting.Operating;

namespace Node.Hosting.Renewing;

/// <summary>
/// Looks after the certificates of one node: takes renewed ones from their files, tells how long each still holds, and
/// warns in time.
/// </summary>
/// <remarks>
/// Owned by the node's host. Everything is added before <see cref="RunAsync"/>; any thread reads the figures. The
/// instrument <c>hyperprov_certificate_seconds_left</c> is negative once a certificate has expired; its labels are
/// <c>use</c>, <c>subject</c>, <c>serial</c>, <c>own</c>.
/// </remarks>
public sealed class CertificateWatch : IDisposable
{
    /// <summary>How soon a renewed certificate is seen.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Days before its end on which a certificate is warned of.</summary>
    private static readonly int[] s_warningDays = [30, 7, 1, 0];

    private readonly List<IRenewedCertificate> _own = [];
    private readonly List<Func<IEnumerable<CertificateFacts>>> _others = [];
    private readonly Dictionary<CertificateFacts, int> _warned = [];   // Used by the loop alone. Days warned of last.
    private readonly Dictionary<IRenewedCertificate, string> _told = [];   // Used by the loop alone.
    private readonly TimeProvider _clock;

    public CertificateWatch(TimeProvider clock)
    {
        _clock = clock;
        Meter.CreateObservableGauge(
            "hyperprov_certificate_seconds_left", Measure, unit: "s", "Time until a certificate expires.");
    }

    /// <summary>For the node's operations endpoint.</summary>
    public Meter Meter { get; } = new("Hyperprov.Certificates");

    /// <summary>One that is renewed by its files.</summary>
    public void Add(IRenewedCertificate? certificate)
    {
        if (certificate is not null && !_own.Contains(certificate))
            _own.Add(certificate);
    }

    /// <summary>Certificates that come and go with configurations; asked each time.</summary>
    public void Add(Func<IEnumerable<CertificateFacts>> others) => _others.Add(others);

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(ILogger log, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Look(log);
            await Task.Delay(LookEvery, _clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Never on the thread that fires the timer: a clock that is moved by a year would wait for every look.
            await Task.Yield();
        }
    }

    /// <summary>What is wrong with the node's own certificates, for its health. Empty while all is well.</summary>
    public IEnumerable<FailedCheck> FindFaults()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        foreach (IRenewedCertificate certificate in _own)
        {
            if (certificate.Fault is { } fault)
                yield return new FailedCheck($"renewed {certificate.Facts.UseText}", fault);
        }

        foreach (CertificateFacts facts in All())
        {
            if (facts.IsOwn && facts.NotAfter < now)
                yield return new FailedCheck(
                    $"{facts.UseText} of {facts.Subject}", $"it expired at {facts.NotAfter:u}: renew it");
        }
    }

    public void Dispose() => Meter.Dispose();

    /// <summary>Takes what was renewed, and warns of what ends soon.</summary>
    internal void Look(ILogger log)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        foreach (IRenewedCertificate certificate in _own)
            Refresh(certificate, now, log);

        foreach (CertificateFacts facts in All())
            Warn(facts, now, log);
    }

    private void Refresh(IRenewedCertificate certificate, DateTimeOffset now, ILogger log)
    {
        CertificateFacts former = certificate.Facts;
        if (certificate.Refresh(now))
        {
            CertificateFacts facts = certificate.Facts;
            CertificateLog.Renewed(
                log, facts.UseText, facts.Subject, former.SerialNumber, facts.SerialNumber, facts.NotAfter);
        }

        // Each fault once, and again only after it had gone.
        if (certificate.Fault is not { } fault)
            _told.Remove(certificate);
        else if (!_told.TryGetValue(certificate, out string? told) || told != fault)
        {
            _told[certificate] = fault;
            CertificateLog.NotUsed(log, former.UseText, certificate.Place, fault, former.SerialNumber);
        }
    }

    private void Warn(CertificateFacts facts, DateTimeOffset now, ILogger log)
    {
        double days = (facts.NotAfter - now).TotalDays;
        int stage = s_warningDays.Where(limit => days <= limit).DefaultIfEmpty(int.MaxValue).Min();
        if (stage == int.MaxValue || (_warned.TryGetValue(facts, out int warned) && warned <= stage))
            return;

        _warned[facts] = stage;
        string next = facts is { IsOwn: true, Use: CertificateUse.Tls or CertificateUse.Signing }
            ? "renew it: hyperprov identity renew --all"
            : "see docs/certificates.md, replacing a root";
        if (days <= 0)
            CertificateLog.Expired(log, facts.UseText, facts.Subject, facts.SerialNumber, facts.NotAfter, next);
        else
            CertificateLog.EndsSoon(
                log, facts.UseText, facts.Subject, facts.SerialNumber, (long)days, facts.NotAfter, next);
    }

    private IEnumerable<CertificateFacts> All() =>
        _own.Select(one => one.Facts).Concat(_others.SelectMany(others => others())).Distinct();

    private IEnumerable<Measurement<double>> Measure()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        return All().Select(facts => new Measurement<double>(
            Math.Floor((facts.NotAfter - now).TotalSeconds),
            new KeyValuePair<string, object?>("use", facts.UseText),
            new KeyValuePair<string, object?>("subject", facts.Subject),
            new KeyValuePair<string, object?>("serial", facts.SerialNumber),
            new KeyValuePair<string, object?>("own", facts.IsOwn ? "true" : "false")));
    }
}
