using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Experiments;

/// <summary>A: provenance alone, in batches that grow by a third.</summary>
internal sealed class BatchSweep : IExperiment
{
    public string Letter => "A";

    public string Title => "Batch sweep, ledger alone";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        var result = new ExperimentResult(
            Letter, Title,
            $"One client writes batches of `set` without content, {bed.InFlight} at once, and waits for all; "
            + $"{bed.Scale.SamplesText} of each size.");
        var table = new ResultTable("batches",
        [
            "transactions", "samples", "failures", "tx/min", "tx/min std", "response mean ms", "response std ms",
            "p50 ms", "p95 ms", "p99 ms", "endorse p50 ms", "order p50 ms", "commit p50 ms",
        ]);
        var measurement = new MeasurementFile();
        var rates = new List<ChartPoint>();
        var middles = new List<ChartPoint>();
        var tails = new List<ChartPoint>();
        foreach (int size in bed.Scale.Batches())
        {
            bed.Report($"A: batches of {size}");
            var samples = new List<RunTimes>();
            for (int sample = 0; sample < bed.Scale.Samples; sample++)
                samples.Add(await bed.BatchAsync("a", size, content: null, cancellation));

            var perMinute = Summary.Of(samples.Select(sample => sample.PerMinute));
            RunTimes all = RunTimes.Join(samples);
            Summary response = all.Response;
            table.Add(
                size, samples.Count, all.Failures, perMinute.Mean, perMinute.StandardDeviation, response.Mean,
                response.StandardDeviation, response.Median, response.P95, response.P99,
                all.Of(one => one.Endorse).Median, all.Of(one => one.Order).Median, all.Of(one => one.Commit).Median);
            measurement.Add(samples, size, bytes: 0);
            rates.Add(new ChartPoint(size, perMinute.Mean, perMinute.StandardDeviation));
            middles.Add(new ChartPoint(size, response.Median));
            tails.Add(new ChartPoint(size, response.P99));
        }

        result.Tables.Add(table);
        result.Measurements["measurement"] = measurement;
        result.Charts["throughput"] = new LineChart(
            "A. Transactions per minute over batch size", $"ledger alone, one client, {bed.InFlight} at once",
            new ChartAxis("transactions in a batch", IsLogarithmic: true),
            new ChartAxis("committed tx/min", IsLogarithmic: true),
            [new ChartSeries("ours", rates, IsReference: false), ThesisFigures.Batches]).ToSvg();
        result.Charts["response"] = new LineChart(
            "A. Response over batch size", "from the client's call until its peer told of the commit",
            new ChartAxis("transactions in a batch", IsLogarithmic: true),
            new ChartAxis("response, ms", IsLogarithmic: true),
            [
                new ChartSeries("median", middles, IsReference: false),
                new ChartSeries("99 of 100", tails, IsReference: false),
            ]).ToSvg();
        Compare(result, rates);
        return result;
    }

    private static void Compare(ExperimentResult result, List<ChartPoint> rates)
    {
        ChartPoint best = rates.MaxBy(point => point.Y);
        result.Comparisons.Add(new Comparison(
            "Peak throughput, ledger alone", "tx/min", ThesisFigures.PeakPerMinute, best.Y, IsMoreBetter: true,
            $"thesis: batches of 8,000 to 10,000; ours: {best.X:0}"));
        ChartPoint near = rates.LastOrDefault(point => point.X <= 2000);
        if (rates[^1].X >= 2000)
            result.Comparisons.Add(new Comparison(
                "Batches of 2,000, ledger alone", "tx/min", ThesisFigures.PerMinuteAt2000, near.Y, IsMoreBetter: true,
                $"ours: {near.X:0}"));
    }
}
