using System.Globalization;

namespace Node.LoadGen;

/// <summary>CPU seconds and peak resident memory of named processes, read from <c>/proc</c>.</summary>
internal sealed class ProcessMeter(IReadOnlyList<NamedProcess> processes)
{
    // USER_HZ has been 100 on every Linux port that .NET supports.
    private const double TicksPerSecond = 100;

    private readonly Dictionary<string, double> _cpuAtStart = [];
    private readonly Dictionary<string, long> _peakBytes = [];

    public void Start()
    {
        foreach (NamedProcess process in processes)
        {
            _cpuAtStart[process.Name] = CpuSeconds(process.Pid);
            _peakBytes[process.Name] = ResidentBytes(process.Pid);
        }
    }

    /// <summary>Takes one reading of resident memory; the largest of the run is reported.</summary>
    public void Sample()
    {
        foreach (NamedProcess process in processes)
            _peakBytes[process.Name] = Math.Max(_peakBytes[process.Name], ResidentBytes(process.Pid));
    }

    public IReadOnlyList<ProcessUse> Stop() =>
    [
        .. processes.Select(process => new ProcessUse(
            process.Name, process.Pid, CpuSeconds(process.Pid) - _cpuAtStart[process.Name],
            Math.Max(_peakBytes[process.Name], ResidentBytes(process.Pid)) / (1024.0 * 1024.0))),
    ];

    private static double CpuSeconds(int pid)
    {
        string stat = Read($"/proc/{pid}/stat");
        // The command name may hold spaces and parentheses; fields are counted from behind it.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length < 13 ? 0 : (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    private static long ResidentBytes(int pid) =>
        (long)Read($"/proc/{pid}/status").Split('\n')
            .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => Number(line[6..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024)
            .FirstOrDefault();

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out double value) ? value : 0;

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ") ";   // The process is gone: it used no more CPU.
        }
    }
}

/// <summary>What one process used during the measured window; memory in MiB.</summary>
internal sealed record ProcessUse(string Name, int Pid, double CpuSeconds, double PeakMebibytes);
