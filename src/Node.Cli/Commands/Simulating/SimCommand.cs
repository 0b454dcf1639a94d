using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Simulation;
using Node.Simulation.Faults;

namespace Node.Cli.Commands.Simulating;

/// <summary><c>sim</c>: a whole network on one thread from one seed, and whether it kept its promises.</summary>
internal static class SimCommand
{
    private const double RateMax = 600;
    private const int SecondsMax = 3600;
    private const int TransactionsMax = 10_000;

    private static readonly Option<string?> s_seed = new("--seed")
    {
        Description = "The seed of one run",
        HelpName = "N",
    };

    private static readonly Option<string?> s_seeds = new("--seeds")
    {
        Description = "The seeds of many runs: 1..1000",
        HelpName = "A..B",
    };

    private static readonly Option<double?> s_loss = Share("--loss", "Messages that never arrive");
    private static readonly Option<double?> s_duplicate = Share("--duplicate", "Messages that arrive twice");

    private static readonly Option<double?> s_delay = new("--delay")
    {
        Description = "Longest extra delay of a message, in milliseconds",
        HelpName = "MS",
    };

    private static readonly Option<double?> s_partitions =
        Rate("--partitions", "Sites cut off, one way or both; half as often, links clogged");

    private static readonly Option<double?> s_crashes = Rate("--crashes", "Hosts that lose power");
    private static readonly Option<double?> s_slowDisk = Rate("--slow-disk", "Disks that become slow for a while");
    private static readonly Option<double?> s_fullDisk = Rate("--full-disk", "Disks that are full for a while");

    private static readonly Option<double?> s_failingDisk =
        Rate("--failing-disk", "Disks whose writes fail for a while, with unknown outcome");

    private static readonly Option<double?> s_skew = new("--skew")
    {
        Description = "Furthest that a clock is off, in seconds",
        HelpName = "SECONDS",
    };

    private static readonly Option<double?> s_oldDisk =
        Rate("--old-disk", "Orderers that come back with an old copy of their disk");

    private static readonly Option<double?> s_configRaces =
        Rate("--config-races", "Pairs of configuration updates sent at once");

    private static readonly Option<int> s_duration = new("--duration")
    {
        Description = "Virtual seconds during which things go wrong",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => (int)SimulationOptions.DefaultDuration.TotalSeconds,
    };

    private static readonly Option<int> s_transactions = new("--transactions")
    {
        Description = "Transactions of each client",
        HelpName = "COUNT",
        DefaultValueFactory = _ => SimulationOptions.DefaultTransactions,
    };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v")
    {
        Description = "Show every event as it happens",
    };

    public static Verb Create() =>
        new Verb("sim", "Simulate a whole network on one thread from a seed", "sim --seed 8412 -v")
            .Takes(
                s_seed, s_seeds, s_loss, s_duplicate, s_delay, s_partitions, s_crashes, s_slowDisk, s_fullDisk,
                s_failingDisk, s_skew, s_oldDisk, s_configRaces, s_duration, s_transactions, s_verbose)
            .Runs(RunAsync);

    private static Option<double?> Share(string name, string what) => new(name)
    {
        Description = what + ": a share from 0 to 0.5",
        HelpName = "SHARE",
    };

    private static Option<double?> Rate(string name, string what) => new(name)
    {
        Description = what + ", so many times a virtual minute",
        HelpName = "COUNT",
    };

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        SeedRange seeds = ReadSeeds(invocation);
        var options = new SimulationOptions
        {
            Seed = seeds.First,
            Faults = ReadPlan(invocation),
            Duration = TimeSpan.FromSeconds(ReadCount(invocation, s_duration, SecondsMax)),
            Transactions = ReadCount(invocation, s_transactions, TransactionsMax),
            Print = invocation.Get(s_verbose) && !invocation.Json ? invocation.Console.Output.WriteLine : null,
        };
        var failed = new List<SimulationReport>();
        ulong done = 0;
        SimulationReport? last = null;
        int workers = options.Print is null ? Environment.ProcessorCount : 1;
        if (seeds.Count == 1)
            seeds.Run(options, workers, Take, cancellation);
        else
            await invocation.Progress.WhileAsync($"Simulating {seeds.Count} networks", RunAllAsync);

        Show(invocation, seeds, last, failed);
        return failed.Count == 0 ? ExitCode.Ok : ExitCode.VerificationFailed;

        Task RunAllAsync(Action<string> say)
        {
            seeds.Run(
                options,
                workers,
                report =>
                {
                    Take(report);
                    say($"{done} of {seeds.Count} networks simulated, {failed.Count} failed");
                },
                cancellation);
            return Task.CompletedTask;
        }

        void Take(SimulationReport report)
        {
            last = report;
            done++;
            if (report.Failure is not null)
                failed.Add(report);
            if (report.Failure is not null && !invocation.Json)
                invocation.Console.Output.WriteLine(report.Describe());
        }
    }

    private static void Show(
        Invocation invocation, SeedRange seeds, SimulationReport? last, List<SimulationReport> failed)
    {
        if (invocation.Json)
        {
            IEnumerable<object> failures = failed.OrderBy(report => report.Seed).Select(report => new
            {
                report.Seed, report.Failure?.Checker, report.Failure?.What, report.Command, report.LastEvents,
            });
            JsonView.Write(invocation.Console, new
            {
                Passed = failed.Count == 0,
                Seeds = seeds.Count,
                Failures = failures,
                Run = seeds.Count > 1 || last is null ? null : new
                {
                    last.EventHash, last.LedgerHash, last.Height, last.Transactions, last.Valid, last.Acknowledged,
                    VirtualSeconds = last.VirtualTime.TotalSeconds, last.Steps,
                },
            });
        }
        else if (failed.Count > 0)
        {
            invocation.Console.Output.WriteLine($"{failed.Count} of {seeds.Count} seeds broke a promise.");
        }
        else if (seeds.Count > 1)
        {
            invocation.Console.Output.WriteLine($"{seeds.Count} seeds: every promise was kept.");
        }
        else if (last is not null)
        {
            invocation.Console.Output.WriteLine(
                $"Seed {last.Seed}: every promise was kept. {last.Height} blocks, {last.Valid} of {last.Transactions} "
                + $"transactions valid, {last.VirtualTime.TotalSeconds:0} virtual seconds.");
            invocation.Console.Output.WriteLine($"events  {last.EventHash}");
            invocation.Console.Output.WriteLine($"ledgers {last.LedgerHash}");
        }
    }

    private static SeedRange ReadSeeds(Invocation invocation)
    {
        string? one = invocation.Get(s_seed);
        string? many = invocation.Get(s_seeds);
        if ((one is null) == (many is null))
            throw new CommandFault(ExitCode.Usage, "Give one seed (--seed 8412) or a range (--seeds 1..1000).");

        return SeedRange.TryParse(one ?? many ?? "", out SeedRange range, out string? fault)
            ? range
            : throw new CommandFault(ExitCode.Usage, fault + ".");
    }

    private static FaultPlan? ReadPlan(Invocation invocation)
    {
        const double ShareMax = 0.5;
        double? loss = Read(invocation, s_loss, ShareMax);
        double? duplicate = Read(invocation, s_duplicate, ShareMax);
        double? delay = Read(invocation, s_delay, 10_000);
        double? skew = Read(invocation, s_skew, 86_400);
        double?[] rates =
        [
            .. ((Option<double?>[])
                [s_partitions, s_crashes, s_slowDisk, s_fullDisk, s_failingDisk, s_oldDisk, s_configRaces])
            .Select(rate => Read(invocation, rate, RateMax)),
        ];

        // None named: the seed decides.
        if (loss is null && duplicate is null && delay is null && skew is null && rates.All(rate => rate is null))
            return null;

        return new FaultPlan
        {
            Loss = loss ?? 0,
            Duplicate = duplicate ?? 0,
            Delay = TimeSpan.FromMilliseconds(delay ?? 0),
            Skew = TimeSpan.FromSeconds(skew ?? 0),
            Partitions = rates[0] ?? 0,
            Crashes = rates[1] ?? 0,
            SlowDisk = rates[2] ?? 0,
            FullDisk = rates[3] ?? 0,
            FailingDisk = rates[4] ?? 0,
            OldDisks = rates[5] ?? 0,
            ConfigRaces = rates[6] ?? 0,
        };
    }

    private static double? Read(Invocation invocation, Option<double?> option, double most) =>
        invocation.Get(option) is not { } value || (value >= 0 && value <= most)
            ? invocation.Get(option)
            : throw new CommandFault(ExitCode.Usage, $"{option.Name} is {value}: give 0 to {most}.");

    private static int ReadCount(Invocation invocation, Option<int> option, int most)
    {
        int value = invocation.Get(option);
        return value >= 1 && value <= most
            ? value
            : throw new CommandFault(ExitCode.Usage, $"{option.Name} is {value}: give 1 to {most}.");
    }
}
