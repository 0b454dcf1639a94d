using Node.Protocol;
using Node.Simulation.Checks;
using Node.Simulation.Faults;

namespace Node.Simulation;

/// <summary>What came of one run.</summary>
/// <param name="Failure">What was found wrong first; null when nothing was.</param>
/// <param name="EventHash">Over every event, in order: equal for equal seeds and options.</param>
/// <param name="LedgerHash">Over every byte that every node's databases hold at the end.</param>
/// <param name="Height">Blocks of the chain.</param>
/// <param name="Transactions">In those blocks.</param>
/// <param name="Valid">Of those, valid.</param>
/// <param name="Acknowledged">Transactions that a client was told are ordered.</param>
/// <param name="VirtualTime">That passed in the world.</param>
/// <param name="Steps">Things that happened.</param>
/// <param name="LastEvents">Oldest first.</param>
public sealed record SimulationReport(
    ulong Seed,
    FaultPlan Faults,
    SimulationFailure? Failure,
    Hash32 EventHash,
    Hash32 LedgerHash,
    ulong Height,
    int Transactions,
    int Valid,
    int Acknowledged,
    TimeSpan VirtualTime,
    long Steps,
    IReadOnlyList<string> LastEvents)
{
    /// <summary>What repeats the run.</summary>
    public required string Command { get; init; }

    /// <summary>For a person: which seed failed which check, how to repeat it, and what happened last.</summary>
    public string Describe() => Failure is null
        ? $"seed {Seed}: every promise was kept"
        : string.Join(
            '\n',
            [
                $"seed {Seed} failed the check {Failure.Checker}: {Failure.What}",
                $"repeat it with: {Command}",
                "the last events:",
                .. LastEvents,
            ]);
}
