using System.Globalization;
using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;
using Node.Client;

namespace Node.Cli.Benching.Experiments;

/// <summary>D: lineage of growing depth, two parents on each level.</summary>
internal sealed class LineageDepths : IExperiment
{
    private const int RepeatsMax = 20;
    private const string Hash = "eb2227ce2958d6dcc93f00b82c498b75";

    public string Letter => "D";

    public string Title => "Lineage by depth";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        int deepest = bed.Scale.LineageDepths[^1];
        var result = new ExperimentResult(
            Letter, Title,
            $"A chain of {deepest} levels as of the thesis' weather stations: each level has a batch of data and what "
            + "was derived from that batch and from the level before. Asked is the record at each depth for all its "
            + "ancestors.");
        string[] levels = await BuildAsync(bed, deepest, cancellation);
        var table = new ResultTable("lineage",
        [
            "function", "depth", "complete", "calls", "median ms", "mean ms", "std ms", "p95 ms", "bytes of the answer",
        ]);
        var series = new List<ChartSeries>();
        foreach (string function in (string[])["getdependencies", "getlineage", "getlineage, compact"])
        {
            var points = new List<ChartPoint>();
            foreach (int depth in bed.Scale.LineageDepths)
            {
                Answers answers = await AskAsync(bed, function, levels[depth - 1], depth, cancellation);
                Summary times = answers.Times;
                table.Add(
                    function, depth, answers.IsComplete ? "yes" : "truncated at 8 MiB", times.Count, times.Median,
                    times.Mean, times.StandardDeviation, times.P95, answers.Bytes);
                if (answers.IsComplete)
                    points.Add(new ChartPoint(depth, times.Median));
            }

            series.Add(new ChartSeries(function, points, IsReference: false));
        }

        result.Tables.Add(table);
        result.Charts["lineage"] = new LineChart(
            "D. Lineage over depth", "median milliseconds of one call; two parents on each level",
            new ChartAxis("levels", IsLogarithmic: true), new ChartAxis("ms", IsLogarithmic: true),
            [.. series, ThesisFigures.Lineages]).ToSvg();
        AddComparison(result, series[0], 10, ThesisFigures.Lineage10, "thesis: its client polled every 100 ms");
        AddComparison(result, series[0], 1000, ThesisFigures.Lineage1000, "");
        return result;
    }

    private static void AddComparison(
        ExperimentResult result, ChartSeries series, int depth, double thesis, string remark)
    {
        ChartPoint ours = series.Points.FirstOrDefault(point => (int)point.X == depth);
        if (ours.X > 0)
            result.Comparisons.Add(new Comparison(
                $"Lineage of {depth} levels", "ms, median", thesis, ours.Y, IsMoreBetter: false, remark));
    }

    // Ids are known before anything is sent, so that all levels travel at once.
    private static async Task<string[]> BuildAsync(BenchBed bed, int depth, CancellationToken cancellation)
    {
        bed.Report($"D: recording {depth} levels");
        Contract contract = bed.ContractOf(0);
        string prefix = bed.NewPrefix("d");
        var levels = new string[depth];
        string before = "";
        var pending = new List<Proposal>();
        for (int level = 0; level < depth; level++)
        {
            Proposal data = NewSet(contract, $"{prefix}data", "");
            Proposal derived = NewSet(
                contract, $"{prefix}analysed",
                before.Length == 0 ? data.TransactionId.Value : $"{data.TransactionId.Value}:{before}");
            before = levels[level] = derived.TransactionId.Value;
            pending.Add(data);
            pending.Add(derived);
            if (pending.Count < 1000 && level < depth - 1)
                continue;

            bed.Report($"D: recording level {level + 1} of {depth}");
            await CommitAllAsync(bed, pending, cancellation);
            pending.Clear();
        }

        return levels;
    }

    private static Proposal NewSet(Contract contract, string key, string parents) =>
        contract.NewProposal("set", key, Hash, "file://store", "station.op", "", parents);

    private static async Task CommitAllAsync(BenchBed bed, List<Proposal> proposals, CancellationToken cancellation)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, bed.InFlight).Select(_ => WorkAsync()));

        async Task WorkAsync()
        {
            for (int index = Interlocked.Increment(ref next); index < proposals.Count;
                index = Interlocked.Increment(ref next))
            {
                Transaction transaction = await proposals[index].EndorseAsync(cancellation);
                Commit commit = await transaction.SubmitAsync(cancellation);
                CommitStatus status = await commit.GetStatusAsync(cancellation);
                status.RequireValid();
            }
        }
    }

    private static async Task<Answers> AskAsync(
        BenchBed bed, string function, string id, int depth, CancellationToken cancellation)
    {
        bed.Report($"D: {function} of {depth} levels");
        Contract contract = bed.ContractOf(0);

        // One level more than there is: whatever is truncated then, the limit of the answer's size has truncated.
        string text = (depth + 1).ToString(CultureInfo.InvariantCulture);
        (string called, string[] arguments) = function switch
        {
            "getdependencies" => (function, (string[])[id, text]),
            "getlineage" => (function, [id, "up", text]),
            _ => ("getlineage", [id, "up", text, "", "", "compact"]),
        };
        ReadOnlyMemory<byte> answer = await contract.EvaluateAsync(called, arguments, cancellation);
        bool isComplete = answer.Span.IndexOf("\"truncated\":true"u8) < 0;
        var times = new List<double>();
        for (int call = 0; call < Math.Min(RepeatsMax, bed.Scale.Operations); call++)
        {
            long began = bed.Clock.GetTimestamp();
            await contract.EvaluateAsync(called, arguments, cancellation);
            times.Add(bed.Clock.GetElapsedTime(began).TotalMilliseconds);
        }

        return new Answers(Summary.Of(times), answer.Length, isComplete);
    }

    private readonly record struct Answers(Summary Times, int Bytes, bool IsComplete);
}
