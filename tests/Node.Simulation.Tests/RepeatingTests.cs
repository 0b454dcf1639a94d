using Node.Simulation.Faults;

namespace Node.Simulation.Tests;

public class RepeatingTests
{
    public static TheoryData<ulong> Seeds() => [.. Enumerable.Range(1, 6).Select(seed => (ulong)seed)];

    [Fact]
    public void A_network_without_faults_writes_all_it_is_asked_to()
    {
        SimulationReport report = SimulationRun.Run(new SimulationOptions { Seed = 1, Faults = FaultPlan.None });

        Assert.Null(report.Failure);
        Assert.Equal(report.Transactions, report.Acknowledged);
        Assert.InRange(report.Valid, 20, report.Transactions);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_same_seed_gives_the_same_ledgers_and_the_same_events_byte_for_byte(ulong seed)
    {
        var events = new List<string>();
        SimulationReport first = SimulationRun.Run(new SimulationOptions { Seed = seed, Print = events.Add });
        var again = new List<string>();
        SimulationReport second = SimulationRun.Run(new SimulationOptions { Seed = seed, Print = again.Add });

        Assert.Equal(events, again);
        Assert.Equal(first.EventHash, second.EventHash);
        Assert.Equal(first.LedgerHash, second.LedgerHash);
        Assert.Equal((first.Height, first.Steps, first.VirtualTime), (second.Height, second.Steps, second.VirtualTime));
    }

    [Fact]
    public void Another_seed_gives_another_history()
    {
        SimulationReport first = SimulationRun.Run(new SimulationOptions { Seed = 1 });
        SimulationReport second = SimulationRun.Run(new SimulationOptions { Seed = 2 });

        Assert.NotEqual(first.EventHash, second.EventHash);
        Assert.NotEqual(first.LedgerHash, second.LedgerHash);
    }
}
