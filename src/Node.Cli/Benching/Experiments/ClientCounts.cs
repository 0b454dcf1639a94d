using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;

namespace Node.Cli.Benching.Experiments;

/// <summary>G: one client, two, three and more, each with its own connection to its organisation's peer.</summary>
internal sealed class ClientCounts : IExperiment
{
    private const int InFlightOfOne = 32;

    public string Letter => "G";

    public string Title => "Several clients, one orderer";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        TimeSpan window = bed.Scale.Window / 2;
        var result = new ExperimentResult(
            Letter, Title,
            $"Clients of both organisations in turn, {InFlightOfOne} transactions at once each, "
            + $"{window.TotalSeconds:0.#} s of `set` without content.");
        var table = new ResultTable("clients",
        [
            "clients", "transactions", "failures", "total tx/min", "least of one tx/min", "greatest of one tx/min",
            "response median ms", "p99 ms",
        ]);
        var totals = new List<ChartPoint>();
        var singles = new List<ChartPoint>();
        await bed.WarmUpAsync(bed.Scale.ClientsMax, cancellation);
        for (int clients = 1; clients <= bed.Scale.ClientsMax; clients++)
        {
            bed.Report($"G: {clients} of {bed.Scale.ClientsMax} clients");
            RunTimes[] runs = await Task.WhenAll(
                Enumerable.Range(0, clients).Select(client => RunAsync(bed, client, window, cancellation)));
            RunTimes all = RunTimes.Join(runs);
            double[] each = [.. runs.Select(run => run.PerMinute)];
            Summary response = all.Response;
            table.Add(
                clients, all.Committed, all.Failures, each.Sum(), each.Min(), each.Max(), response.Median,
                response.P99);
            totals.Add(new ChartPoint(clients, each.Sum()));
            singles.Add(new ChartPoint(clients, each.Average()));
        }

        result.Tables.Add(table);
        result.Charts["clients"] = new LineChart(
            "G. Throughput over clients", "the thesis gives no numbers: its total rises, its rate per client falls",
            new ChartAxis("clients", IsLogarithmic: false), new ChartAxis("committed tx/min", IsLogarithmic: false),
            [
                new ChartSeries("all together", totals, IsReference: false),
                new ChartSeries("each", singles, IsReference: false),
            ]).ToSvg();
        result.Notes.Add("All clients are in one process and share the machine with the nodes.");
        return result;
    }

    private static Task<RunTimes> RunAsync(BenchBed bed, int client, TimeSpan window, CancellationToken cancellation)
    {
        RecordWriter writer = bed.WriterOf(client);
        var shape = new RecordShape(bed.NewPrefix("g"), Content: null, WritesLedger: true);
        var run = new LoadRun(
            (number, begun, due, token) => writer.WriteAsync(shape, number, begun, due, token), bed.Clock);
        return run.ClosedForAsync(window, InFlightOfOne, cancellation);
    }
}
