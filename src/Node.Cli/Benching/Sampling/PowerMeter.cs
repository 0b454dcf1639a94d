using System.Globalization;

namespace Node.Cli.Benching.Sampling;

/// <summary>
/// Reads the machine's electrical power where it says it: energy counters of processors (powercap), or sensors (hwmon).
/// </summary>
internal sealed class PowerMeter
{
    private const double MicroPerUnit = 1e6;

    private readonly IReadOnlyList<string> _energyFiles;   // Microjoules since some time, wrapping at a great number.
    private readonly IReadOnlyList<string> _powerFiles;    // Microwatts at the moment.
    private readonly TimeProvider _clock;
    private (long Timestamp, double Joules)? _last;

    private PowerMeter(IReadOnlyList<string> energyFiles, IReadOnlyList<string> powerFiles, TimeProvider clock)
    {
        _energyFiles = energyFiles;
        _powerFiles = powerFiles;
        _clock = clock;
    }

    /// <summary>What is read, for people; null when this machine exposes nothing.</summary>
    public string? Source => _energyFiles.Count > 0 ? string.Join(", ", _energyFiles)
        : _powerFiles.Count > 0 ? string.Join(", ", _powerFiles)
        : null;

    /// <param name="sys">/sys, or a folder that looks like it.</param>
    public static PowerMeter Find(string sys, TimeProvider clock)
    {
        // Packages alone: cores and memory controllers below them are counted in them already.
        string[] energy = [.. Folders(Path.Combine(sys, "class", "powercap"))
            .Where(folder => Path.GetFileName(folder).Count(letter => letter == ':') == 1)
            .Select(folder => Path.Combine(folder, "energy_uj"))
            .Where(file => ProcFiles.TryRead(file) is not null)];
        string[] power = [.. Folders(Path.Combine(sys, "class", "hwmon"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "power*_input"))
            .Order(StringComparer.Ordinal)
            .Where(file => ProcFiles.TryRead(file) is not null)];
        return new PowerMeter(energy, energy.Length > 0 ? [] : power, clock);
    }

    /// <summary>Watts since the last call where energy is counted, else at the moment; null when not known.</summary>
    public double? ReadWatts()
    {
        if (_energyFiles.Count == 0)
            return _powerFiles.Count == 0 ? null : _powerFiles.Sum(Number) / MicroPerUnit;

        long now = _clock.GetTimestamp();
        double joules = _energyFiles.Sum(Number) / MicroPerUnit;
        (long Timestamp, double Joules)? last = _last;
        _last = (now, joules);
        if (last is not { } before || joules < before.Joules)   // The first reading, or a counter that wrapped.
            return null;

        double seconds = _clock.GetElapsedTime(before.Timestamp, now).TotalSeconds;
        return seconds > 0 ? (joules - before.Joules) / seconds : null;
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal) : [];

    private static double Number(string file) => double.TryParse(
        ProcFiles.TryRead(file), NumberStyles.Number, CultureInfo.InvariantCulture, out double number) ? number : 0;
}
