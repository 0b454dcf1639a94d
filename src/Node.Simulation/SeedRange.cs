using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.Simulation;

/// <summary>Seeds from one, included, to another, included.</summary>
public readonly record struct SeedRange(ulong First, ulong Last)
{
    public ulong Count => Last - First + 1;

    /// <param name="text">As <c>1..1000</c>, or one seed.</param>
    public static bool TryParse(string text, out SeedRange range, [NotNullWhen(false)] out string? fault)
    {
        range = default;
        string[] parts = text.Split("..");
        if (parts.Length is 1 or 2
            && TryParseOne(parts[0], out ulong first)
            && TryParseOne(parts[^1], out ulong last)
            && first <= last)
        {
            range = new SeedRange(first, last);
            fault = null;
            return true;
        }

        fault = $"'{text}' is no range of seeds: write 1..1000";
        return false;
    }

    /// <summary>Runs all of them, each on one thread of its own world, so many at once.</summary>
    /// <param name="template">Of all runs, but for the seed.</param>
    /// <param name="each">Told of each run as it ends, one at a time, in no order.</param>
    /// <exception cref="OperationCanceledException">Asked to stop; runs that have begun are finished.</exception>
    public void Run(
        SimulationOptions template, int workers, Action<SimulationReport> each, CancellationToken cancellationToken)
    {
        Lock told = new();
        ulong first = First;
        Parallel.For(
            0L,
            (long)Count,
            new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken },
            index =>
            {
                SimulationReport report = SimulationRun.Run(template with { Seed = first + (ulong)index });
                lock (told)
                    each(report);
            });
    }

    private static bool TryParseOne(string text, out ulong seed) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed) && seed < long.MaxValue;
}
