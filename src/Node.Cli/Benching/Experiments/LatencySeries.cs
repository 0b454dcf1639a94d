using System.Globalization;
using System.Text;
using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;
using Node.Client;
using Node.Protocol;

namespace Node.Cli.Benching.Experiments;

/// <summary>C: one call at a time of each operation.</summary>
internal sealed class LatencySeries : IExperiment
{
    private const int ChainLength = 11;   // Ten levels of parents below the newest.
    private const string Hash = "1234asdfdsfa";

    public string Letter => "C";

    public string Title => "Latency of each operation";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        var result = new ExperimentResult(
            Letter, Title,
            $"{bed.Scale.Operations} calls of each, one after another, {bed.Scale.Pause.TotalMilliseconds:0} ms apart, "
            + "by one client over TLS. `set` is timed from the call until the client's peer tells that it is in a "
            + "durable block; both organisations endorse it.");
        bed.Report("C: preparing");
        string prefix = bed.NewPrefix("c");
        IReadOnlyList<string> chain = await PrepareAsync(bed, prefix, cancellation);
        string newest = prefix + Number(ChainLength - 1);
        (string Operation, string[] Arguments)[] reads =
        [
            ("get", [newest]), ("getwithid", [newest]), ("getfromid", [chain[^1]]), ("getkeyhistory", [newest]),
            ("getbyrange", [prefix + "00", prefix + "99"]), ("getdependencies", [chain[^1], "10"]),
        ];
        var table = new ResultTable(
            "latency",
            ["operation", "calls", "mean ms", "std ms", "median ms", "min ms", "max ms", "p95 ms", "p99 ms"]);
        var times = new Dictionary<string, Summary>(StringComparer.Ordinal)
        {
            ["set"] = await TimeSetsAsync(bed, result, cancellation),
        };
        foreach ((string operation, string[] arguments) in reads)
            times[operation] = await TimeReadsAsync(bed, operation, arguments, cancellation);

        foreach ((string operation, double desktop, _) in ThesisFigures.Latencies)
        {
            Summary ours = times[operation];
            table.Add(
                operation, ours.Count, ours.Mean, ours.StandardDeviation, ours.Median, ours.Min, ours.Max, ours.P95,
                ours.P99);
            result.Comparisons.Add(new Comparison(
                operation == "getdependencies" ? "getdependencies, 10 levels" : operation, "ms, mean", desktop,
                ours.Mean, IsMoreBetter: false,
                operation == "set" ? "thesis: the orderer waits 2 s" : "thesis: its client polled every 100 ms"));
        }

        result.Tables.Insert(0, table);
        result.Charts["latency"] = Chart(times);
        return result;
    }

    private static string Number(int number) => number.ToString("D2", CultureInfo.InvariantCulture);

    private static string Chart(Dictionary<string, Summary> times) => new BarChart(
        "C. Latency of each operation", "mean milliseconds of one call at a time; getdependencies over 10 levels",
        "operation",
        [.. ThesisFigures.Latencies.Select(figure => figure.Operation)],
        new ChartAxis("ms", IsLogarithmic: true),
        [
            new BarGroup("ours", [.. ThesisFigures.Latencies.Select(figure => (double?)times[figure.Operation].Mean)],
                IsReference: false),
            new BarGroup(ThesisFigures.Name, [.. ThesisFigures.Latencies.Select(figure => (double?)figure.Desktop)],
                IsReference: true),
            new BarGroup(ThesisFigures.PiName, [.. ThesisFigures.Latencies.Select(figure => (double?)figure.Pi)],
                IsReference: true),
        ]).ToSvg();

    // Eleven keys, each derived from the one before; the range holds them all.
    private static async Task<IReadOnlyList<string>> PrepareAsync(
        BenchBed bed, string prefix, CancellationToken cancellation)
    {
        Contract contract = bed.ContractOf(0);
        var chain = new List<string>();
        for (int level = 0; level < ChainLength; level++)
        {
            string parent = chain.Count > 0 ? chain[^1] : "";
            ReadOnlyMemory<byte> id = await contract.SubmitAsync(
                "set", [prefix + Number(level), Hash, "file://store", "asdf.jpg", "Json:{lol}", parent], cancellation);
            chain.Add(Encoding.UTF8.GetString(id.Span));
        }

        return chain;
    }

    private static async Task<Summary> TimeSetsAsync(
        BenchBed bed, ExperimentResult result, CancellationToken cancellation)
    {
        // The parent that does not exist is that of the latency.js of 2019.
        var nowhere = TxId.Compute("no such"u8, "transaction"u8);
        Contract contract = bed.ContractOf(0);
        string prefix = bed.NewPrefix("asdf");
        var times = new List<TransactionTimes>();
        long begun = bed.Clock.GetTimestamp();
        for (int number = 0; number < bed.Scale.Operations; number++)
        {
            bed.Report($"C: set {number + 1} of {bed.Scale.Operations}");
            double started = Since();
            Proposal proposal = contract.NewProposal(
                "set", prefix + Number(number), Hash, "file://store", "adsfasdfa.jpg", "Json:{lol}", nowhere.Value);
            Transaction transaction = await proposal.EndorseAsync(cancellation);
            double endorsed = Since();
            Commit commit = await transaction.SubmitAsync(cancellation);
            double ordered = Since();
            CommitStatus status = await commit.GetStatusAsync(cancellation);
            double committed = Since();
            times.Add(new TransactionTimes(
                number, started, 0, 0, endorsed - started, ordered - endorsed, committed - ordered,
                status.IsValid ? null : status.Code.ToString()));
            await PauseAsync(bed, cancellation);
        }

        var run = new RunTimes(times, Since(), Shed: 0);
        var stages = new ResultTable("set-stages", ["stage", "mean ms", "std ms", "median ms", "p95 ms", "p99 ms"]);
        (string Name, Summary Times)[] summaries =
        [
            ("endorse", run.Of(one => one.Endorse)), ("order", run.Of(one => one.Order)),
            ("commit", run.Of(one => one.Commit)), ("all", run.Response),
        ];
        foreach ((string name, Summary of) in summaries)
            stages.Add(name, of.Mean, of.StandardDeviation, of.Median, of.P95, of.P99);

        result.Tables.Add(stages);
        return run.Response;

        double Since() => bed.Clock.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task<Summary> TimeReadsAsync(
        BenchBed bed, string operation, string[] arguments, CancellationToken cancellation)
    {
        bed.Report($"C: {operation}");
        Contract contract = bed.ContractOf(0);
        await contract.EvaluateAsync(operation, arguments, cancellation);
        var times = new List<double>();
        for (int call = 0; call < bed.Scale.Operations; call++)
        {
            long began = bed.Clock.GetTimestamp();
            await contract.EvaluateAsync(operation, arguments, cancellation);
            times.Add(bed.Clock.GetElapsedTime(began).TotalMilliseconds);
            await PauseAsync(bed, cancellation);
        }

        return Summary.Of(times);
    }

    private static Task PauseAsync(BenchBed bed, CancellationToken cancellation) =>
        bed.Scale.Pause > TimeSpan.Zero ? Task.Delay(bed.Scale.Pause, bed.Clock, cancellation) : Task.CompletedTask;
}
