using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Sampling;

namespace Node.Cli.Benching.Experiments;

/// <summary>E: CPU, memory, disk and power at the loads of the thesis.</summary>
internal sealed class ResourceLoads : IExperiment
{
    private const int SmallContent = 50_000;

    public string Letter => "E";

    public string Title => "Resources at fixed loads";

    public async Task<ExperimentResult> RunAsync(BenchBed bed, CancellationToken cancellation)
    {
        var result = new ExperimentResult(
            Letter, Title,
            $"Each load for {bed.Scale.Window.TotalSeconds:0.#} s in an open loop, processes read every "
            + $"{bed.Scale.SamplePeriod.TotalSeconds:0.##} s. CPU in percent of one core.");
        Load[] loads =
        [
            new("idle", "idle", PerMinute: 0, Bytes: 0),
            new("large", $"2 tx/min of {bed.Scale.LargeContent / 1e6:0} MB", 2, bed.Scale.LargeContent),
            new("slow", "12 tx/min of 50 KB", 12, SmallContent),
            new("fast", "1500 tx/min of 50 KB", 1500, SmallContent),
            new("ledger", "3200 tx/min, ledger alone", 3200, Bytes: 0),
        ];
        var table = new ResultTable("resources",
        [
            "load", "process", "transactions", "CPU mean %", "CPU max %", "memory mean MiB", "memory max MiB",
            "disk read KiB/s", "disk written KiB/s", "sent KiB/s", "received KiB/s",
        ]);
        var loadTable = new ResultTable(
            "loads", ["load", "transactions", "failures", "response median ms", "p99 ms", "watts mean", "watts max"]);
        foreach (Load load in loads)
        {
            bed.Report($"E: {load.Name}");
            (RunTimes times, IReadOnlyList<ResourceSample> samples) =
                await bed.WatchAsync(() => RunAsync(bed, load, cancellation), bed.Scale.Window, cancellation);
            bed.ClearStore();
            ResourceTables.AddRows(table, load.Name, times.Committed, samples);
            var watts = Summary.Of(ResourceTables.Watts(samples));
            loadTable.Add(
                load.Name, times.Committed, times.Failures, times.Response.Median, times.Response.P99,
                watts.Count > 0 ? watts.Mean : "not exposed", watts.Count > 0 ? watts.Max : "not exposed");
            result.Charts[$"cpu-{load.Word}"] = ResourceTables.CpuChart($"E. CPU, {load.Name}", samples);
            result.Charts[$"memory-{load.Word}"] = ResourceTables.MemoryChart($"E. Memory, {load.Name}", samples);
            result.Tables.Add(ResourceTables.Series($"samples-{load.Word}", samples));
            Compare(result, bed, load, samples);
        }

        result.Tables.Insert(0, loadTable);
        result.Tables.Insert(0, table);
        result.Notes.Add(bed.Power.Source is { } source
            ? $"Power is read from {source}."
            : "This machine exposes no power readings (/sys/class/powercap, /sys/class/hwmon), so there are no watts.");
        return result;
    }

    private static Task<RunTimes> RunAsync(BenchBed bed, Load load, CancellationToken cancellation)
    {
        if (load.PerMinute == 0)
            return Task.FromResult(new RunTimes([], 0, 0));

        byte[]? content = load.Bytes > 0 ? NumberedContent.MakeShared(load.Bytes) : null;
        var shape = new RecordShape(bed.NewPrefix("e"), content, WritesLedger: true);
        int count = Math.Max(1, (int)(load.PerMinute * bed.Scale.Window.TotalMinutes));
        return bed.OpenAsync(shape, count, load.PerMinute / 60, cancellation);
    }

    private static void Compare(
        ExperimentResult result, BenchBed bed, Load load, IReadOnlyList<ResourceSample> samples)
    {
        (string name, double peer, double client) =
            ThesisFigures.Cpu.FirstOrDefault(figure => figure.Load == load.Name);
        if (name is null)
            return;

        const string Remark = "cores of other makes; ours checks two endorsements over TLS";
        result.Comparisons.Add(new Comparison(
            $"CPU of the peer, {name}", "% of a core", peer, ResourceTables.MeanCpu(samples, bed.FirstPeer),
            IsMoreBetter: false, Remark));
        result.Comparisons.Add(new Comparison(
            $"CPU of the client, {name}", "% of a core", client, ResourceTables.MeanCpu(samples, "client"),
            IsMoreBetter: false, Remark));
    }

    private sealed record Load(string Word, string Name, double PerMinute, int Bytes);
}
