using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Experiments;
using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Reporting;
using Node.Cli.Benching.Sampling;
using Node.Cli.Rendering;
using Node.Cli.Running;

namespace Node.Cli.Commands.Benching;

/// <summary><c>bench single|multi|load</c>: the benchmark and the experiments of 2019, with honest clocks.</summary>
internal static class BenchCommands
{
    private const int CountMax = 10_000_000;
    private const int BytesMax = 1 << 30;
    private const int SecondsMax = 24 * 60 * 60;
    private const string Everything = "all";

    private static readonly IExperiment[] s_experiments =
    [
        new BatchSweep(), new SizeSweep(), new LatencySeries(), new LineageDepths(), new ResourceLoads(),
        new NetworkLoads(), new ClientCounts(), new ModelStoring(),
    ];

    private static readonly Option<int> s_count = new("--count")
    {
        Description = "Transactions",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<int> s_bytes = new("--bytes")
    {
        Description = "Length of the content that each transaction stores",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<bool> s_noStore = new("--no-store")
    {
        Description = "Store nothing: the ledger alone",
    };

    private static readonly Option<bool> s_noLedger = new("--no-ledger")
    {
        Description = "Write nothing to the ledger: the store alone",
    };

    private static readonly Option<int> s_seconds = new("--seconds")
    {
        Description = "Duration",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<double> s_rate = new("--rate")
    {
        Description = "Begin so many transactions per second whatever the answers do; left out: as fast as they come",
        HelpName = "COUNT",
    };

    private static readonly Argument<string[]> s_letters = new("EXPERIMENT")
    {
        Description = "A batches, B sizes, C latency, D lineage, E resources, F network, G clients, H models, or all; "
            + "left out: A and B",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> s_quick = new("--quick")
    {
        Description = "A few seconds for each experiment: to see that it works, not to publish",
    };

    private static readonly Option<bool> s_full = new("--full")
    {
        Description = "Sizes, pauses and durations of the thesis: many hours",
    };

    public static Command Create() => new(
        "bench", "Measure a network as the HyperProv thesis did, and beside its figures")
    {
        new Verb(
            "single", "One batch of transactions, each stage of each timed",
            "bench single --count 1000 --bytes 1000 --out ./single")
            .Takes([s_count, s_bytes, s_noStore, s_noLedger, .. BenchOptions.All])
            .Runs(SingleAsync),
        new Verb(
            "multi", "The experiments A to H of the thesis, with charts and a table of its figures beside ours",
            "bench multi all --quick --out ./results")
            .Takes([s_letters, s_quick, s_full, .. BenchOptions.All])
            .Runs(MultiAsync),
        new Verb(
            "load", "A load for some time, with CPU, memory, disk and network of each process",
            "bench load --seconds 600 --rate 7 --bytes 100")
            .Takes([s_seconds, s_rate, s_bytes, s_noStore, .. BenchOptions.All])
            .Runs(LoadAsync),
    };

    private static Task<ExitCode> SingleAsync(Invocation invocation, CancellationToken cancellation)
    {
        int count = BenchOptions.RequireWithin(invocation, s_count, CountMax);
        int bytes = BenchOptions.RequireWithin(invocation, s_bytes, BytesMax);
        bool stores = !invocation.Get(s_noStore);
        bool records = !invocation.Get(s_noLedger);
        if (!stores && !records)
            throw new CommandFault(
                ExitCode.Usage, "with --no-store and --no-ledger nothing is left to measure; leave one of them out.");

        return BenchOptions.RunAsync(invocation, BenchScale.Standard, async (bed, folder) =>
        {
            await bed.WarmUpAsync(clients: 1, cancellation);
            byte[]? content = stores ? NumberedContent.MakeShared(bytes) : null;
            var shape = new RecordShape(bed.NewPrefix("single"), content, records);
            RunTimes times = await bed.BatchAsync(shape, count, bed.InFlight, cancellation);
            ExperimentResult result = Describe(
                times, "One batch", $"{count} transactions of {bytes} bytes, {bed.InFlight} at once.");
            folder.Write("single.json", ToOriginal(times, count, bytes));
            string command = $"hyperprov bench single --count {count} --bytes {bytes}"
                + (stores ? "" : " --no-store") + (records ? "" : " --no-ledger");
            Finish(invocation, bed, folder, [result], command);
            return times.Committed > 0 ? ExitCode.Ok : ExitCode.Refused;
        }, cancellation);
    }

    private static Task<ExitCode> LoadAsync(Invocation invocation, CancellationToken cancellation)
    {
        int seconds = BenchOptions.RequireWithin(invocation, s_seconds, SecondsMax);
        int bytes = BenchOptions.RequireWithin(invocation, s_bytes, BytesMax);
        double rate = invocation.Get(s_rate);
        if (!double.IsFinite(rate) || rate < 0 || rate * seconds > CountMax)
            throw new CommandFault(
                ExitCode.Usage, $"--rate {rate} is out of range: at most {CountMax} transactions in all, and above 0.");

        bool stores = !invocation.Get(s_noStore);
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        return BenchOptions.RunAsync(invocation, BenchScale.Standard, async (bed, folder) =>
        {
            await bed.WarmUpAsync(clients: 1, cancellation);
            byte[]? content = stores ? NumberedContent.MakeShared(bytes) : null;
            var shape = new RecordShape(bed.NewPrefix("load"), content, WritesLedger: true);
            bed.Report($"A load of {seconds} s");
            (RunTimes times, IReadOnlyList<ResourceSample> samples) = await bed.WatchAsync(
                () => rate > 0
                    ? bed.OpenAsync(shape, Math.Max(1, (int)(rate * seconds)), rate, cancellation)
                    : ForAsync(bed, shape, duration, cancellation),
                duration,
                cancellation);
            string pace = rate > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{rate} transactions begun per second")
                : $"{bed.InFlight} transactions at once";
            ExperimentResult result = Describe(times, "Load", $"{seconds} s, {pace}, {bytes} bytes each.");
            AddResources(result, bed, times, samples);
            string command = string.Create(
                CultureInfo.InvariantCulture, $"hyperprov bench load --seconds {seconds} --rate {rate} --bytes {bytes}")
                + (stores ? "" : " --no-store");
            Finish(invocation, bed, folder, [result], command);
            return times.Committed > 0 ? ExitCode.Ok : ExitCode.Refused;
        }, cancellation);
    }

    private static Task<ExitCode> MultiAsync(Invocation invocation, CancellationToken cancellation)
    {
        IExperiment[] chosen = Choose(invocation.GetAll(s_letters));
        if (invocation.Get(s_quick) && invocation.Get(s_full))
            throw new CommandFault(ExitCode.Usage, "--quick and --full contradict each other; leave one of them out.");

        BenchScale scale = invocation.Get(s_quick) ? BenchScale.Quick
            : invocation.Get(s_full) ? BenchScale.Full
            : BenchScale.Standard;
        return BenchOptions.RunAsync(invocation, scale, async (bed, folder) =>
        {
            await bed.WarmUpAsync(clients: 1, cancellation);
            var results = new List<ExperimentResult>();
            string command = $"hyperprov bench multi {string.Join(' ', chosen.Select(one => one.Letter))}"
                + (scale == BenchScale.Standard ? "" : $" --{scale.Name}");
            foreach (IExperiment experiment in chosen)
            {
                results.Add(await experiment.RunAsync(bed, cancellation));
                folder.Write(results[^1]);
            }

            Finish(invocation, bed, folder, results, command);
            return ExitCode.Ok;
        }, cancellation);
    }

    private static IExperiment[] Choose(string[] letters)
    {
        if (letters.Length == 0)
            return s_experiments[..2];
        if (letters.Contains(Everything, StringComparer.OrdinalIgnoreCase))
            return s_experiments;

        string? unknown = letters.FirstOrDefault(letter => !Array.Exists(s_experiments, one => Matches(one, letter)));
        return unknown is null
            ? [.. s_experiments.Where(one => Array.Exists(letters, letter => Matches(one, letter)))]
            : throw new CommandFault(
                ExitCode.Usage, $"there is no experiment \"{unknown}\"; name letters from A to H, or all.");
    }

    private static bool Matches(IExperiment experiment, string letter) =>
        experiment.Letter.Equals(letter, StringComparison.OrdinalIgnoreCase);

    private static Task<RunTimes> ForAsync(
        BenchBed bed, RecordShape shape, TimeSpan duration, CancellationToken cancellation)
    {
        RecordWriter writer = bed.WriterOf(0);
        var run = new LoadRun(
            (number, begun, due, token) => writer.WriteAsync(shape, number, begun, due, token), bed.Clock);
        return run.ClosedForAsync(duration, bed.InFlight, cancellation);
    }

    private static ExperimentResult Describe(RunTimes times, string title, string how)
    {
        var result = new ExperimentResult("", title, how);
        var totals = new ResultTable("totals", ["transactions", "failures", "shed", "total ms", "tx/min"]);
        totals.Add(times.Transactions.Count, times.Failures, times.Shed, times.Milliseconds, times.PerMinute);
        var stages = new ResultTable(
            "stages", ["stage", "mean ms", "std ms", "median ms", "min ms", "max ms", "p95 ms", "p99 ms"]);
        (string Name, Func<TransactionTimes, double> Of)[] all =
        [
            ("wait", one => one.Wait), ("store", one => one.Store), ("endorse", one => one.Endorse),
            ("order", one => one.Order), ("commit", one => one.Commit), ("response", one => one.Response),
        ];
        foreach ((string name, Func<TransactionTimes, double> of) in all)
        {
            Summary summary = times.Of(of);
            stages.Add(
                name, summary.Mean, summary.StandardDeviation, summary.Median, summary.Min, summary.Max, summary.P95,
                summary.P99);
        }

        var each = new ResultTable("transactions",
        [
            "number", "start ms", "wait ms", "store ms", "endorse ms", "order ms", "commit ms", "response ms",
            "failure",
        ]);
        foreach (TransactionTimes one in times.Transactions)
            each.Add(
                one.Number, one.Start, one.Wait, one.Store, one.Endorse, one.Order, one.Commit, one.Response,
                one.Failure ?? "");

        result.Tables.AddRange([totals, stages, each]);
        if (times.Failures > 0)
            result.Notes.Add($"Failures: {times.FailureText()}");

        return result;
    }

    private static void AddResources(
        ExperimentResult result, BenchBed bed, RunTimes times, IReadOnlyList<ResourceSample> samples)
    {
        var table = new ResultTable("resources",
        [
            "load", "process", "transactions", "CPU mean %", "CPU max %", "memory mean MiB", "memory max MiB",
            "disk read KiB/s", "disk written KiB/s", "sent KiB/s", "received KiB/s",
        ]);
        ResourceTables.AddRows(table, "load", times.Committed, samples);
        result.Tables.Add(table);
        result.Tables.Add(ResourceTables.Series("samples", samples));
        result.Charts["cpu"] = ResourceTables.CpuChart("CPU", samples);
        result.Charts["memory"] = ResourceTables.MemoryChart("Memory", samples);
        IEnumerable<ChartPoint> perSecond = times.Transactions
            .Where(one => one.Failure is null)
            .GroupBy(one => (int)(one.End / 1000))
            .OrderBy(second => second.Key)
            .Select(second => new ChartPoint(second.Key, second.Count()));
        result.Charts["throughput"] = new LineChart(
            "Throughput", "transactions committed in each second", new ChartAxis("seconds", IsLogarithmic: false),
            new ChartAxis("committed tx/s", IsLogarithmic: false),
            [new ChartSeries("committed", [.. perSecond], IsReference: false)]).ToSvg();
        result.Notes.Add(bed.Power.Source is { } source
            ? $"Power is read from {source}."
            : "This machine exposes no power readings.");
    }

    // As the benchmark of 2019 printed it: total, failures, transactions, bytes, mean and deviation of the response.
    private static string ToOriginal(RunTimes times, int count, int bytes) => JsonSerializer.Serialize(new object[]
    {
        times.Milliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms",
        times.Failures,
        count,
        bytes,
        Math.Round(times.Response.Mean, 2),
        Math.Round(times.Response.StandardDeviation, 2),
    }) + "\n";

    private static void Finish(
        Invocation invocation, BenchBed bed, ResultFolder folder, IReadOnlyList<ExperimentResult> results,
        string command)
    {
        RunDescription run = BenchOptions.Describe(invocation, bed, command);
        foreach (ExperimentResult result in results)
            folder.Write(result);

        folder.WriteAll(results, run);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { Folder = folder.Path, Run = ResultFolder.ToValue(results, run) });
            return;
        }

        BenchView.Show(invocation.Console, results, run, folder.Path);
    }
}
