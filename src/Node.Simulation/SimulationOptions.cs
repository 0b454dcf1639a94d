using System.Globalization;
using Node.Simulation.Faults;

namespace Node.Simulation;

/// <summary>One run of a simulated network.</summary>
public sealed record SimulationOptions
{
    public const int DefaultTransactions = 8;

    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(15);

    /// <summary>Everything that is left to chance follows from it.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Null draws a plan from the seed.</summary>
    public FaultPlan? Faults { get; init; }

    /// <summary>Virtual time during which things go wrong. Default 15 s.</summary>
    public TimeSpan Duration { get; init; } = DefaultDuration;

    /// <summary>Transactions of each client. Default 8.</summary>
    public int Transactions { get; init; } = DefaultTransactions;

    /// <summary>Told each event as it happens; null tells nobody.</summary>
    public Action<string>? Print { get; init; }

    /// <summary>What repeats this run, on any machine.</summary>
    public string Command
    {
        get
        {
            string duration = Duration == DefaultDuration
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $" --duration {Duration.TotalSeconds}");
            string transactions = Transactions == DefaultTransactions
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $" --transactions {Transactions}");
            return $"./hyperprov sim --seed {Seed}{Faults?.ToArguments()}{duration}{transactions}";
        }
    }

    internal PlantedBug Bug { get; init; }
}
