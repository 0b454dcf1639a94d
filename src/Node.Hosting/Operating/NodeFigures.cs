using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Node.Hosting.Operating;

/// <summary>What every node tells about itself: its build, its health, its process.</summary>
internal sealed class NodeFigures : IDisposable
{
    private readonly OperationsSetting _setting;

    public NodeFigures(OperationsSetting setting)
    {
        _setting = setting;
        Meter.CreateObservableGauge(
            "hyperprov_build_info", () => new Measurement<int>(1, BuildTags()),
            description: "1, with version and commit of the program as labels.");
        Meter.CreateObservableGauge(
            "hyperprov_healthy", () => setting.Checks().Any() ? 0 : 1,
            description: "1 when /healthz answers 200, otherwise 0.");
        Meter.CreateObservableGauge(
            "hyperprov_failed_checks", ReadFailed,
            description: "1 for each component that /healthz names; absent for those that are well.");
        Meter.CreateObservableGauge(
            "process_resident_memory_bytes", () => Environment.WorkingSet,
            description: "Memory of the process that is in RAM, shared pages of program files included.");
        Meter.CreateObservableCounter(
            "process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds,
            description: "CPU time of the process, all cores.");
        double started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;
        Meter.CreateObservableGauge(
            "process_start_time_seconds", () => started, description: "When the process started, in Unix time.");
    }

    public Meter Meter { get; } = new("Hyperprov.Node");

    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?>[] BuildTags() =>
    [
        new("version", BuildVersion.OfProgram.Version), new("commit", BuildVersion.OfProgram.CommitSha),
    ];

    private IEnumerable<Measurement<int>> ReadFailed() =>
        _setting.Checks().Select(check => check.Component).Distinct().Select(component =>
            new Measurement<int>(1, new KeyValuePair<string, object?>("component", component)));
}
