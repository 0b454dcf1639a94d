using Node.Simulation.Faults;

namespace Node.Simulation;

/// <summary>One run of a simulated network.</summary>
public sealed record SimulationOptions
{
    /// <summary>Everything that is left to chance follows from it.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Null draws a plan from the seed.</summary>
    public FaultPlan? Faults { get; init; }

    /// <summary>Virtual time during which things go wrong. Default 15 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Transactions of each client. Default 8.</summary>
    public int Transactions { get; init; } = 8;

    /// <summary>Told each event as it happens; null tells nobody.</summary>
    public Action<string>? Print { get; init; }

    internal PlantedBug Bug { get; init; }
}
