using System.Globalization;

namespace Node.Simulation.Faults;

/// <summary>What goes wrong in a simulated world, and how often. Rates count over the whole world.</summary>
public sealed record FaultPlan
{
    /// <summary>Nothing goes wrong.</summary>
    public static FaultPlan None { get; } = new();

    /// <summary>Share of messages that never arrive: 0 to 0.5.</summary>
    public double Loss { get; init; }

    /// <summary>Share of messages that arrive twice: 0 to 1.</summary>
    public double Duplicate { get; init; }

    /// <summary>Longest extra delay of a message.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Times a minute that a site is cut off, one way or both, or its links are clogged.</summary>
    public double Partitions { get; init; }

    /// <summary>Times a minute that a host loses power, to start again within seconds.</summary>
    public double Crashes { get; init; }

    /// <summary>Times a minute that a disk takes up to 0.3 s for each synced write, for some seconds.</summary>
    public double SlowDisk { get; init; }

    /// <summary>Times a minute that a disk is full, for some seconds.</summary>
    public double FullDisk { get; init; }

    /// <summary>Times a minute that a disk's writes fail with unknown outcome, for some seconds.</summary>
    public double FailingDisk { get; init; }

    /// <summary>Furthest that a host's clock is off, from the start and at each jump.</summary>
    public TimeSpan Skew { get; init; }

    /// <summary>Times a minute that an orderer crashes and comes back with an old copy of its disk.</summary>
    public double OldDisks { get; init; }

    /// <summary>Times a minute that two configuration updates of one version are sent at once.</summary>
    public double ConfigRaces { get; init; }

    /// <summary>The options of <c>hyperprov sim</c> that make this plan, each behind a space.</summary>
    public string ToArguments()
    {
        string arguments = string.Create(
            CultureInfo.InvariantCulture,
            $"{Of("loss", Loss)}{Of("duplicate", Duplicate)}{Of("delay", Delay.TotalMilliseconds)}"
            + $"{Of("partitions", Partitions)}{Of("crashes", Crashes)}{Of("slow-disk", SlowDisk)}"
            + $"{Of("full-disk", FullDisk)}{Of("failing-disk", FailingDisk)}{Of("skew", Skew.TotalSeconds)}"
            + $"{Of("old-disk", OldDisks)}{Of("config-races", ConfigRaces)}");
        return arguments.Length == 0 ? " --loss 0" : arguments;

        static string Of(string name, double value) =>
            value > 0 ? string.Create(CultureInfo.InvariantCulture, $" --{name} {value}") : "";
    }

    /// <summary>What a seed alone stands for: some faults often, others not at all.</summary>
    public static FaultPlan Draw(ulong seed)
    {
        var chance = new Chance(seed, "fault plan");
        return new FaultPlan
        {
            Loss = chance.Happens(0.5) ? chance.Below(15) / 100.0 : 0,
            Duplicate = chance.Happens(0.5) ? chance.Below(25) / 100.0 : 0,
            Delay = chance.Happens(0.5) ? chance.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(300)) : default,
            Partitions = Rate(most: 20),
            Crashes = Rate(most: 25),
            SlowDisk = Rate(most: 15),
            FullDisk = Rate(most: 10),
            FailingDisk = Rate(most: 10),
            Skew = chance.Happens(0.5) ? chance.Between(TimeSpan.Zero, TimeSpan.FromMinutes(5)) : default,
            OldDisks = Rate(most: 8),
            ConfigRaces = Rate(most: 12),
        };

        double Rate(int most) => chance.Happens(0.5) ? 1 + chance.Below(most) : 0;
    }
}
