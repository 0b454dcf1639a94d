using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Node.LoadGen;

/// <summary>The figures of one run, for people and as JSON.</summary>
internal sealed class LoadResult
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private readonly LoadOptions _options;
    private readonly IReadOnlyList<Sample> _samples;
    private readonly CryptoLimit _limit;

    public LoadResult(
        LoadOptions options, IReadOnlyList<Sample> samples, TimeSpan window, IReadOnlyList<ProcessUse> use,
        CryptoLimit limit, long shed)
    {
        _options = options;
        _samples = samples;
        _limit = limit;
        Window = window;
        Use = use;
        Shed = shed;
        Succeeded = samples.Count(sample => sample.Failure is null);
        Failures = samples.Where(sample => sample.Failure is not null)
            .GroupBy(sample => sample.Failure ?? "", StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        Sample[] good = [.. samples.Where(sample => sample.Failure is null)];
        Endorse = StageTimes.Of(good.Select(sample => sample.Endorse));
        Submit = StageTimes.Of(good.Select(sample => sample.Submit));
        Commit = StageTimes.Of(good.Select(sample => sample.Commit));
        Total = StageTimes.Of(good.Select(sample => sample.Total));
        LimitPerSecond = limit.TransactionsPerSecond(
            options.VerificationsPerTransaction, options.SignaturesPerTransaction);
    }

    public TimeSpan Window { get; }
    public IReadOnlyList<ProcessUse> Use { get; }
    public long Shed { get; }
    public int Succeeded { get; }
    public IReadOnlyDictionary<string, int> Failures { get; }
    public StageTimes Endorse { get; }
    public StageTimes Submit { get; }
    public StageTimes Commit { get; }
    public StageTimes Total { get; }
    public double LimitPerSecond { get; }
    public double PerSecond => Succeeded / Window.TotalSeconds;

    public string ToText()
    {
        var text = new StringBuilder();
        string unit = _options.Evaluate ? "queries/s" : "committed tx/s";
        Line(text, $"{_options.Function} on {_options.Endpoint}, {_options.Mode} loop, {_options.Clients} clients, "
            + $"{Window.TotalSeconds:F1} s after {_options.WarmUp.TotalSeconds:F0} s of warm-up");
        Line(text, $"{unit,-16} {PerSecond,10:F1}   {Succeeded} succeeded, {_samples.Count - Succeeded} failed, "
            + $"{Shed} shed");
        if (_options.Evaluate)
            Line(text, $"evaluate         {Endorse}");
        else
        {
            Line(text, $"endorse          {Endorse}");
            Line(text, $"submit           {Submit}");
            Line(text, $"commit           {Commit}");
            Line(text, $"total            {Total}");
        }

        if (!_options.Evaluate && _samples.Count > 0)
            Line(text, $"last             {_samples[^1].TxId}");

        foreach ((string code, int count) in Failures.OrderByDescending(pair => pair.Value))
            Line(text, $"failed           {code}: {count}");

        double cpu = 0;
        foreach (ProcessUse use in Use)
        {
            cpu += use.CpuSeconds;
            Line(text, $"process          {use.Name,-26} {use.CpuSeconds,8:F2} CPU-s  peak {use.PeakMebibytes,7:F1} "
                + "MiB");
        }

        if (Succeeded > 0 && Use.Count > 0)
            Line(text, $"CPU per 1,000    {cpu / Succeeded * 1000:F2} CPU-s over all named processes");

        Line(text, $"crypto           {_limit.SignsPerSecond:F0} signs/s, {_limit.VerifiesPerSecond:F0} verifies/s "
            + $"per core, {Environment.ProcessorCount} cores");
        if (!_options.Evaluate)
            Line(text, $"crypto limit     {LimitPerSecond:F0} tx/s at {_options.VerificationsPerTransaction} "
                + $"verifications and {_options.SignaturesPerTransaction} signatures each; "
                + $"reached {PerSecond / LimitPerSecond:P1}");

        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            machine = new
            {
                cores = Environment.ProcessorCount,
                architecture = RuntimeInformation.OSArchitecture.ToString(),
                system = RuntimeInformation.OSDescription,
                runtime = RuntimeInformation.FrameworkDescription,
            },
            options = _options.ToReport(),
            perSecond = PerSecond,
            windowSeconds = Window.TotalSeconds,
            succeeded = Succeeded,
            failures = Failures,
            shed = Shed,
            milliseconds = new { endorse = Endorse, submit = Submit, commit = Commit, total = Total },
            processes = Use,
            crypto = _limit,
            cryptoLimitPerSecond = LimitPerSecond,
            lastTxId = _samples.Count > 0 ? _samples[^1].TxId : "",
            cryptoShare = PerSecond / LimitPerSecond,
        },
        s_json);

    public void WriteSamples(string path)
    {
        using var writer = new StreamWriter(path);
        writer.WriteLine("end_us,endorse_us,submit_us,commit_us,failure");
        foreach (Sample sample in _samples)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sample.EndMicroseconds},{sample.Endorse},{sample.Submit},{sample.Commit},{sample.Failure}"));
    }

    // The program runs with the invariant culture only.
    private static void Line(StringBuilder text, string line) => text.AppendLine(line);
}
