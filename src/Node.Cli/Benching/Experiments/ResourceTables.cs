using Node.Cli.Benching.Charts;
using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Sampling;

namespace Node.Cli.Benching.Experiments;

/// <summary>Readings of resources as rows and charts.</summary>
internal static class ResourceTables
{
    private const double Kibi = 1024;
    private const double Mebi = 1024 * 1024;

    /// <summary>One row for each process, over all periods.</summary>
    public static void AddRows(
        ResultTable table, string load, int transactions, IReadOnlyList<ResourceSample> samples)
    {
        foreach (string process in Names(samples))
        {
            ProcessUse[] uses = [.. Of(samples, process)];
            var cpu = Summary.Of(uses.Select(use => use.CpuPercent));
            var memory = Summary.Of(uses.Select(use => use.ResidentBytes / Mebi));
            table.Add(
                load, process, transactions, cpu.Mean, cpu.Max, memory.Mean, memory.Max,
                uses.Average(use => use.DiskRead) / Kibi, uses.Average(use => use.DiskWritten) / Kibi,
                uses.Average(use => use.Sent) / Kibi, uses.Average(use => use.Received) / Kibi);
        }
    }

    /// <summary>Every reading.</summary>
    public static ResultTable Series(string name, IReadOnlyList<ResourceSample> samples)
    {
        var table = new ResultTable(name,
        [
            "seconds", "process", "CPU %", "memory MiB", "disk read KiB/s", "disk written KiB/s", "sent KiB/s",
            "received KiB/s", "machine sent KiB/s", "machine received KiB/s", "loopback KiB/s", "watts",
        ]);
        foreach (ResourceSample sample in samples)
        {
            foreach (ProcessUse use in sample.Processes)
                table.Add(
                    sample.Seconds, use.Name, use.CpuPercent, use.ResidentBytes / Mebi, use.DiskRead / Kibi,
                    use.DiskWritten / Kibi, use.Sent / Kibi, use.Received / Kibi, sample.NetworkSent / Kibi,
                    sample.NetworkReceived / Kibi, sample.Loopback / Kibi, sample.Watts is { } watts ? watts : "");
        }

        return table;
    }

    public static string CpuChart(string title, IReadOnlyList<ResourceSample> samples) =>
        Chart(title, "percent of one core", "CPU, %", samples, use => use.CpuPercent);

    public static string MemoryChart(string title, IReadOnlyList<ResourceSample> samples) =>
        Chart(title, "resident memory", "MiB", samples, use => use.ResidentBytes / Mebi);

    public static double MeanCpu(IReadOnlyList<ResourceSample> samples, string process) =>
        Summary.Of(Of(samples, process).Select(use => use.CpuPercent)).Mean;

    public static double MeanSentKibibytes(IReadOnlyList<ResourceSample> samples, string process) =>
        Summary.Of(Of(samples, process).Select(use => use.Sent / Kibi)).Mean;

    public static double MeanReceivedKibibytes(IReadOnlyList<ResourceSample> samples, string process) =>
        Summary.Of(Of(samples, process).Select(use => use.Received / Kibi)).Mean;

    public static IEnumerable<double> Watts(IReadOnlyList<ResourceSample> samples) =>
        samples.Where(sample => sample.Watts is not null).Select(sample => sample.Watts.GetValueOrDefault());

    public static IReadOnlyList<string> Names(IReadOnlyList<ResourceSample> samples) =>
        samples.Count == 0 ? [] : [.. samples[0].Processes.Select(use => use.Name)];

    private static IEnumerable<ProcessUse> Of(IReadOnlyList<ResourceSample> samples, string process) =>
        samples.SelectMany(sample => sample.Processes).Where(use => use.Name == process);

    private static string Chart(
        string title, string subtitle, string unit, IReadOnlyList<ResourceSample> samples,
        Func<ProcessUse, double> value) =>
        new LineChart(
            title, subtitle, new ChartAxis("seconds", IsLogarithmic: false),
            new ChartAxis(unit, IsLogarithmic: false),
            [
                .. Names(samples).Select(process => new ChartSeries(
                    process,
                    [.. samples.Select(sample => new ChartPoint(
                        sample.Seconds, value(sample.Processes.First(use => use.Name == process))))],
                    IsReference: false)),
            ]).ToSvg();
}
