using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Node.Cli.Benching.Sampling;

namespace Node.Cli.Benching.Reporting;

/// <summary>What figures must be read with: the machine, and the program that was measured.</summary>
/// <param name="FileSystem">Of the network folder.</param>
/// <param name="Program">Version and commit.</param>
internal sealed record MachineDescription(
    string Processor, int Cores, double MemoryGibibytes, string System, string Runtime, string FileSystem,
    string Program)
{
    private const double KibiPerGibi = 1 << 20;

    public static MachineDescription OfThis(string networkFolder)
    {
        string cpu = ProcFiles.TryRead("/proc/cpuinfo") ?? "";
        string memory = ProcFiles.FindText(ProcFiles.TryRead("/proc/meminfo") ?? "", "MemTotal") ?? "";
        double.TryParse(
            memory.Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture, out double kibibytes);
        return new MachineDescription(
            ProcFiles.FindText(cpu, "model name") ?? ProcFiles.FindText(cpu, "Model") ?? "unknown processor",
            Environment.ProcessorCount,
            Math.Round(kibibytes / KibiPerGibi, 1),
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
            RuntimeInformation.FrameworkDescription,
            FileSystemOf(networkFolder),
            VersionOf(typeof(MachineDescription).Assembly));
    }

    /// <summary>Of the last minute: how many threads ran or waited for a core. For people.</summary>
    public static string ReadLoad() => (ProcFiles.TryRead("/proc/loadavg") ?? "unknown").Split(' ')[0];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryGibibytes} GiB, {FileSystem}, {System}, {Runtime}, hyperprov {Program}");

    private static string FileSystemOf(string folder)
    {
        DriveInfo? drive = DriveInfo.GetDrives()
            .Where(drive => folder.StartsWith(drive.Name, StringComparison.Ordinal))
            .MaxBy(drive => drive.Name.Length);
        try
        {
            return drive?.DriveFormat ?? "unknown file system";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown file system";
        }
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
