using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Experiments;

/// <summary>H: large models, stored and recorded one after another, then hashed in parallel.</summary>
internal sealed class ModelStoring : IExperiment
{
    public string Letter => "H";

    public string Title => "Models";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        int cores = Environment.ProcessorCount;
        var result = new ExperimentResult(
            Letter, Title,
            $"{bed.Scale.Models} models of {bed.Scale.ModelBytes / 1e6:0} MB: hashed while they are stored, durable, "
            + $"then recorded; one after another, and {cores} at once.");
        var table = new ResultTable("models",
        [
            "at once", "models", "failures", "s per model", "MB/s", "store median ms", "ledger median ms",
            "ledger share %",
        ]);
        byte[] shared = NumberedContent.MakeShared(bed.Scale.ModelBytes);
        var perModel = new List<double?>();
        int[] widths = cores > 1 ? [1, cores] : [1];
        foreach (int width in widths)
        {
            bed.Report($"H: {bed.Scale.Models} models, {width} at once");
            var shape = new RecordShape(bed.NewPrefix("h"), shared, WritesLedger: true);
            RunTimes times = await bed.BatchAsync(shape, bed.Scale.Models, width, cancellation);
            bed.ClearStore();
            double seconds = times.Milliseconds / 1000 / Math.Max(1, times.Committed);
            double store = times.Of(one => one.Store).Median;
            double ledger = times.Of(one => one.Endorse + one.Order + one.Commit).Median;
            table.Add(
                width, times.Committed, times.Failures, seconds, bed.Scale.ModelBytes / 1e6 / seconds, store, ledger,
                100 * ledger / Math.Max(store + ledger, 1e-9));
            perModel.Add(seconds);
        }

        result.Tables.Add(table);
        result.Charts["models"] = new BarChart(
            "H. Seconds for one model", $"{bed.Scale.ModelBytes / 1e6:0} MB each, stored, hashed and recorded",
            "at once",
            [.. widths.Select(width => $"{width} at once")], new ChartAxis("s per model", IsLogarithmic: false),
            [
                new BarGroup("ours", perModel, IsReference: false),
                new BarGroup(
                    ThesisFigures.Name,
                    [.. widths.Select(width => width == 1 ? ThesisFigures.ModelSeconds : (double?)null)],
                    IsReference: true),
            ]).ToSvg();
        if (bed.Scale.ModelBytes >= BenchScale.Standard.ModelBytes)
            result.Comparisons.Add(new Comparison(
                "A model of 94 MB, one after another", "s", ThesisFigures.ModelSeconds, perModel[0].GetValueOrDefault(),
                IsMoreBetter: false, "thesis: store over SSHFS; ours: the ledgers' own disk"));
        return result;
    }
}
