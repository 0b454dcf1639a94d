using System.Globalization;
using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Experiments;

/// <summary>B: growing content, with the store and without.</summary>
internal sealed class SizeSweep : IExperiment
{
    private const int SmallBatch = 10;

    public string Letter => "B";

    public string Title => "Size sweep, with and without the store";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        var result = new ExperimentResult(
            Letter, Title,
            "One client stores each content under its SHA-256 in a folder, durable before its record is written, or "
            + $"records only; {bed.Scale.SamplesText} of each size. No two contents are equal.");
        var table = new ResultTable("sizes",
        [
            "batch", "store", "bytes", "samples", "failures", "tx/min", "tx/min std", "MB/s", "response mean ms",
            "response std ms", "p50 ms", "p95 ms", "p99 ms", "store p50 ms", "commit p50 ms",
        ]);
        var rates = new List<ChartSeries>();
        var responses = new List<ChartSeries>();
        (int Count, long Max)[] batches =
            [(SmallBatch, bed.Scale.SizeMax), (bed.Scale.LargeBatch, bed.Scale.LargeBatchSizeMax)];
        foreach ((int count, long max) in batches)
        {
            foreach (bool isStored in (bool[])[true, false])
            {
                var points = new List<(int Bytes, Summary PerMinute, Summary Response)>();
                var measurement = new MeasurementFile();
                foreach (int bytes in bed.Scale.Sizes(max))
                    points.Add(
                        await StepAsync(bed, new Step(count, bytes, isStored), table, measurement, cancellation));

                // The names that the plot.py of 2019 reads, with its batch of 100 in place of ours.
                string name = $"measurement_{count.ToString(CultureInfo.InvariantCulture)}{(isStored ? "" : "_noocs")}";
                result.Measurements[name] = measurement;
                string series = $"batches of {count}, {(isStored ? "with store" : "ledger alone")}";
                rates.Add(new ChartSeries(
                    series,
                    [.. points.Select(point =>
                        new ChartPoint(point.Bytes, point.PerMinute.Mean, point.PerMinute.StandardDeviation))],
                    IsReference: false));
                responses.Add(new ChartSeries(
                    series, [.. points.Select(point => new ChartPoint(point.Bytes, point.Response.Median))],
                    IsReference: false));
            }
        }

        result.Tables.Add(table);
        var size = new ChartAxis("bytes of each content", IsLogarithmic: true);
        result.Charts["throughput"] = new LineChart(
            "B. Transactions per minute over content size", "thesis: batches of 500 with 64 KB, and 6 MB, over SSHFS",
            size, new ChartAxis("committed tx/min", IsLogarithmic: true), [.. rates, ThesisFigures.Sizes]).ToSvg();
        result.Charts["response"] = new LineChart(
            "B. Median response over content size", "storing, endorsing, ordering and committing", size,
            new ChartAxis("response, ms", IsLogarithmic: true),
            [
                .. responses,
                new ChartSeries(
                    ThesisFigures.Name, [new ChartPoint(6_000_000, ThesisFigures.Store6MegabytesResponse)],
                    IsReference: true),
            ]).ToSvg();
        Compare(result, rates, responses);
        result.Notes.Add(
            "The thesis stored over SSHFS on another machine's SSD; ours is a folder on the disk that the ledgers "
            + "share.");
        return result;
    }

    private static async Task<(int Bytes, Summary PerMinute, Summary Response)> StepAsync(
        BenchBed bed, Step step, ResultTable table, MeasurementFile measurement, CancellationToken cancellation)
    {
        bed.Report($"B: {step.Count} of {step.Bytes} bytes, {(step.IsStored ? "with store" : "ledger alone")}");
        byte[] shared = NumberedContent.MakeShared(step.Bytes);
        var samples = new List<RunTimes>();
        for (int sample = 0; sample < bed.Scale.Samples; sample++)
        {
            samples.Add(await bed.BatchAsync("b", step.Count, step.IsStored ? shared : null, cancellation));
            bed.ClearStore();
        }

        var perMinute = Summary.Of(samples.Select(sample => sample.PerMinute));
        RunTimes all = RunTimes.Join(samples);
        Summary response = all.Response;
        table.Add(
            step.Count, step.IsStored ? "yes" : "no", step.Bytes, samples.Count, all.Failures, perMinute.Mean,
            perMinute.StandardDeviation, step.IsStored ? perMinute.Mean / 60 * step.Bytes / 1e6 : 0, response.Mean,
            response.StandardDeviation, response.Median, response.P95, response.P99, all.Of(one => one.Store).Median,
            all.Of(one => one.Endorse + one.Order + one.Commit).Median);
        measurement.Add(samples, step.Count, step.Bytes);
        return (step.Bytes, perMinute, response);
    }

    private static void Compare(ExperimentResult result, List<ChartSeries> rates, List<ChartSeries> responses)
    {
        const int LargeStored = 2;
        const int SmallStored = 0;
        ChartPoint large = rates[LargeStored].Points[^1];
        if (large.X >= 64_000)
            result.Comparisons.Add(new Comparison(
                "64 KB each, batches of 500, with store", "tx/min", ThesisFigures.Store64KilobytesPerMinute,
                rates[LargeStored].Points.First(point => point.X >= 64_000).Y, IsMoreBetter: true,
                "thesis: store over SSHFS; ours: the ledgers' own disk"));
        ChartPoint small = rates[SmallStored].Points[^1];
        if (small.X < 6_000_000)
            return;

        result.Comparisons.Add(new Comparison(
            "6 MB each, with store", "tx/min", ThesisFigures.Store6MegabytesPerMinute, small.Y, IsMoreBetter: true,
            "as above; ours: batches of 10"));
        result.Comparisons.Add(new Comparison(
            "6 MB each, with store: response", "ms", ThesisFigures.Store6MegabytesResponse,
            responses[SmallStored].Points[^1].Y, IsMoreBetter: false, "ours: batches of 10, median"));
    }

    private sealed record Step(int Count, int Bytes, bool IsStored);
}
