using System.Globalization;
using Xunit.Abstractions;

namespace Node.Simulation.Tests;

public class SeedTests(ITestOutputHelper output)
{
    private const string CountVariable = "HYPERPROV_SIM_SEEDS";
    private const ulong CountOtherwise = 50;

    // A test that runs beside others takes no more than it was promised: two cores.
    private const int Workers = 2;

    public static TheoryData<int> FailedBefore() => [.. Enumerable.Range(0, AllFailed().Length)];

    [Fact]
    public void Whatever_goes_wrong_every_promise_is_kept()
    {
        string? asked = Environment.GetEnvironmentVariable(CountVariable);
        ulong count = asked is null ? CountOtherwise : ulong.Parse(asked, CultureInfo.InvariantCulture);
        var failed = new List<SimulationReport>();
        int valid = 0;
        new SeedRange(1, count).Run(new SimulationOptions { Seed = 1 }, Workers, Take, CancellationToken.None);

        output.WriteLine($"{count} seeds, {valid} valid transactions");
        Assert.True(failed.Count == 0, string.Join("\n\n", failed.Take(3).Select(report => report.Describe())));
        Assert.True(valid > 15 * (int)count, "networks that write nothing show nothing");

        void Take(SimulationReport report)
        {
            valid += report.Valid;
            if (report.Failure is not null)
                failed.Add(report);
        }
    }

    [Theory]
    [MemberData(nameof(FailedBefore))]
    public void A_seed_that_ever_failed_is_well(int line)
    {
        FailedSeed failed = AllFailed()[line];

        SimulationReport report = SimulationRun.Run(failed.Options);

        Assert.True(report.Failure is null, $"{report.Describe()}\nit failed before: {failed.Note}");
    }

    [Fact]
    public void The_command_of_a_failure_says_its_options_in_full()
    {
        foreach (FailedSeed failed in AllFailed())
        {
            string words = failed.Options.Command.Replace("./hyperprov sim --seed ", "", StringComparison.Ordinal);

            Assert.Equal(failed.Options, FailedSeed.Read(words + " : ").Options);
        }
    }

    private static FailedSeed[] AllFailed() =>
        [.. FailedSeed.ReadAll(Path.Combine(AppContext.BaseDirectory, "failed-seeds.txt"))];
}
