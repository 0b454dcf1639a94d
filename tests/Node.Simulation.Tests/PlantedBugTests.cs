using Node.Simulation.Faults;

namespace Node.Simulation.Tests;

public class PlantedBugTests
{
    private const ulong SeedsMax = 40;

    /// <summary>Crashes, cuts and lost messages, often: a bug has to meet its bad day.</summary>
    private static readonly FaultPlan s_badDays = new()
    {
        Loss = 0.05,
        Partitions = 15,
        Crashes = 40,
        ConfigRaces = 6,
    };

    [Theory]
    [InlineData(PlantedBug.UnsyncedDisks, "durable")]              // A peer forgets what it has committed.
    [InlineData(PlantedBug.EarlyAcknowledgement, "acknowledged")]  // Ordered, said the orderer, and it is nowhere.
    [InlineData(PlantedBug.BlindDuplicateCheck, "once")]
    [InlineData(PlantedBug.OneBlindPeer, "commit-hash")]
    [InlineData(PlantedBug.YesToUpdates, "config")]                // Of two updates of one version both hold, it says.
    [InlineData(PlantedBug.RepeatedEntry, "one-history")]
    [InlineData(PlantedBug.ChangedValue, "state")]
    [InlineData(PlantedBug.EarlyCommitStatus, "told")]
    [InlineData(PlantedBug.LastingPartition, "progress")]
    public void A_planted_bug_is_found_by_its_checker(object bug, string checker)
    {
        var found = new HashSet<string>();
        for (ulong seed = 1; seed <= SeedsMax && !found.Contains(checker); seed++)
        {
            SimulationReport report = SimulationRun.Run(
                new SimulationOptions { Seed = seed, Faults = s_badDays, Bug = (PlantedBug)bug });
            if (report.Failure is { } failure)
                found.Add(failure.Checker);
        }

        Assert.Contains(checker, found);
    }

    [Fact]
    public void Without_a_bug_the_same_bad_days_break_nothing()
    {
        for (ulong seed = 1; seed <= SeedsMax; seed++)
        {
            SimulationReport report = SimulationRun.Run(new SimulationOptions { Seed = seed, Faults = s_badDays });

            Assert.True(report.Failure is null, report.Describe());
        }
    }

    [Fact]
    public void A_failure_says_which_seed_which_check_how_to_repeat_it_and_what_happened_last()
    {
        SimulationReport report = SimulationRun.Run(new SimulationOptions
        {
            Seed = 1,
            Faults = s_badDays,
            Bug = PlantedBug.EarlyCommitStatus,
        });

        string text = report.Describe();
        Assert.StartsWith("seed 1 failed the check told: ", text, StringComparison.Ordinal);
        Assert.Contains(
            "./hyperprov sim --seed 1 --loss 0.05 --partitions 15 --crashes 40 --config-races 6\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("is told that", text, StringComparison.Ordinal);
    }
}
