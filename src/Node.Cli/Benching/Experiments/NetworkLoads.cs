using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Sampling;

namespace Node.Cli.Benching.Experiments;

/// <summary>F: what crosses the network, idle and at two rates, with the store and without.</summary>
internal sealed class NetworkLoads : IExperiment
{
    private const int Content = 50_000;

    public string Letter => "F";

    public string Title => "Network";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        var result = new ExperimentResult(
            Letter, Title,
            $"Bytes over TCP of each process (sock_diag), {bed.Scale.Window.TotalSeconds:0.#} s each, TLS included.");
        (string Name, double PerSecond, bool IsStored, double? Thesis)[] cases =
        [
            ("idle", 0, false, ThesisFigures.IdleKibibytes),
            ("0.2 tx/s", 0.2, false, null),
            ("0.2 tx/s, 50 KB", 0.2, true, null),
            ("25 tx/s", 25, false, 610),
            ("25 tx/s, 50 KB", 25, true, 1843),
        ];
        var table = new ResultTable("network",
            ["case", "process", "transactions", "sent KiB/s", "received KiB/s", "sent KiB per tx"]);
        var ours = new List<double?>();
        foreach ((string name, double perSecond, bool isStored, _) in cases)
        {
            bed.Report($"F: {name}");
            (RunTimes times, IReadOnlyList<ResourceSample> samples) = await bed.WatchAsync(
                () => RunAsync(bed, perSecond, isStored, cancellation), bed.Scale.Window, cancellation);
            bed.ClearStore();
            double seconds = samples[^1].Seconds;
            foreach (string process in ResourceTables.Names(samples))
            {
                double sent = ResourceTables.MeanSentKibibytes(samples, process);
                table.Add(
                    name, process, times.Committed, sent, ResourceTables.MeanReceivedKibibytes(samples, process),
                    times.Committed == 0 ? "" : sent * seconds / times.Committed);
            }

            // The thesis watched the machine that its client and its peer shared.
            double device = ResourceTables.MeanSentKibibytes(samples, bed.FirstPeer)
                + ResourceTables.MeanSentKibibytes(samples, "client");
            ours.Add(device);
            Compare(result, name, device, seconds, times.Committed);
        }

        result.Tables.Add(table);
        result.Charts["network"] = new BarChart(
            "F. Sent by client and its peer",
            "KiB per second; thesis: with the store over SSHFS, ours on the local disk",
            "load", [.. cases.Select(one => one.Name)], new ChartAxis("KiB/s", IsLogarithmic: true),
            [
                new BarGroup("ours", ours, IsReference: false),
                new BarGroup(ThesisFigures.Name, [.. cases.Select(one => one.Thesis)], IsReference: true),
            ]).ToSvg();
        result.Notes.Add(
            "Our store is a folder on this machine, so stored content does not cross the network. Between client and "
            + "peer there is loopback in both cases. The thesis' 25 tx/s with 50 KB is its own prediction.");
        return result;
    }

    private static Task<RunTimes> RunAsync(
        BenchBed bed, double perSecond, bool isStored, CancellationToken cancellation)
    {
        if (perSecond == 0)
            return Task.FromResult(new RunTimes([], 0, 0));

        byte[]? content = isStored ? NumberedContent.MakeShared(Content) : null;
        var shape = new RecordShape(bed.NewPrefix("f"), content, WritesLedger: true);
        int count = Math.Max(1, (int)(perSecond * bed.Scale.Window.TotalSeconds));
        return bed.OpenAsync(shape, count, perSecond, cancellation);
    }

    private static void Compare(ExperimentResult result, string name, double device, double seconds, int committed)
    {
        if (name == "idle")
            result.Comparisons.Add(new Comparison(
                "Idle, sent by client and its peer", "KiB/s", ThesisFigures.IdleKibibytes, device, IsMoreBetter: false,
                "thesis: 10 to 30, four peers with gossip; ours: two peers"));
        else if (name == "25 tx/s" && committed > 0)
            result.Comparisons.Add(new Comparison(
                "25 tx/s, ledger alone, sent by client and its peer", "KiB per tx",
                ThesisFigures.KibibytesPerTransaction, device * seconds / committed, IsMoreBetter: false,
                "thesis: four peers, no TLS; ours: two peers, two endorsements, TLS"));
    }
}
