using System.Globalization;
using Node.Simulation.Faults;

namespace Node.Simulation.Tests;

/// <summary>One line of failed-seeds.txt.</summary>
internal sealed record FailedSeed(SimulationOptions Options, string Note)
{
    private static readonly Dictionary<string, Func<FaultPlan, double, FaultPlan>> s_faults =
        new(StringComparer.Ordinal)
    {
        ["--loss"] = (plan, value) => plan with { Loss = value },
        ["--duplicate"] = (plan, value) => plan with { Duplicate = value },
        ["--delay"] = (plan, value) => plan with { Delay = TimeSpan.FromMilliseconds(value) },
        ["--partitions"] = (plan, value) => plan with { Partitions = value },
        ["--crashes"] = (plan, value) => plan with { Crashes = value },
        ["--slow-disk"] = (plan, value) => plan with { SlowDisk = value },
        ["--full-disk"] = (plan, value) => plan with { FullDisk = value },
        ["--failing-disk"] = (plan, value) => plan with { FailingDisk = value },
        ["--skew"] = (plan, value) => plan with { Skew = TimeSpan.FromSeconds(value) },
        ["--old-disk"] = (plan, value) => plan with { OldDisks = value },
        ["--config-races"] = (plan, value) => plan with { ConfigRaces = value },
    };

    public static IEnumerable<FailedSeed> ReadAll(string file) => File.ReadLines(file)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(Read);

    public static FailedSeed Read(string line)
    {
        string[] parts = line.Split(" : ", count: 2);
        string[] words = parts[0].Split(' ');
        var options = new SimulationOptions { Seed = ulong.Parse(words[0], CultureInfo.InvariantCulture) };
        for (int index = 1; index + 1 < words.Length; index += 2)
        {
            double value = double.Parse(words[index + 1], CultureInfo.InvariantCulture);
            options = words[index] switch
            {
                "--duration" => options with { Duration = TimeSpan.FromSeconds(value) },
                "--transactions" => options with { Transactions = (int)value },
                _ => options with { Faults = s_faults[words[index]](options.Faults ?? FaultPlan.None, value) },
            };
        }

        return new FailedSeed(options, parts[1]);
    }
}
