using System.Globalization;
using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;
using Node.Cli.Running;
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
        var table = new ResultTable(
            "lineage",
            ["function", "depth", "calls", "median ms", "mean ms", "std ms", "p95 ms", "bytes of the answer"]);
        var series = new List<ChartSeries>();
        foreach (string function in (string[])["getdependencies", "getlineage"])
        {
            var points = new List<ChartPoint>();
            foreach (int depth in bed.Scale.LineageDepths)
            {
                (Summary times, int bytes) = await TimeAsync(bed, function, levels[depth - 1], depth, cancellation);
                table.Add(
                    function, depth, times.Count, times.Median, times.Mean, times.StandardDeviation, times.P95, bytes);
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

    private static async Task<(Summary Times, int Bytes)> TimeAsync(
        BenchBed bed, string function, string id, int depth, CancellationToken cancellation)
    {
        bed.Report($"D: {function} of {depth} levels");
        Contract contract = bed.ContractOf(0);
        string text = depth.ToString(CultureInfo.InvariantCulture);
        string[] arguments = function == "getlineage" ? [id, "up", text] : [id, text];
        ReadOnlyMemory<byte> answer = await contract.EvaluateAsync(function, arguments, cancellation);
        if (answer.IsEmpty)
            throw new CommandFault(ExitCode.Refused, $"{function} of {depth} levels answered nothing.");

        var times = new List<double>();
        for (int call = 0; call < Math.Min(RepeatsMax, bed.Scale.Operations); call++)
        {
            long began = bed.Clock.GetTimestamp();
            await contract.EvaluateAsync(function, arguments, cancellation);
            times.Add(bed.Clock.GetElapsedTime(began).TotalMilliseconds);
        }

        return (Summary.Of(times), answer.Length);
    }
}
