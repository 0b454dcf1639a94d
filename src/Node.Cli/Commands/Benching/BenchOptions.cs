using System.CommandLine;
using System.Globalization;
using Node.Cli.Benching;
using Node.Cli.Benching.Experiments;
using Node.Cli.Benching.Reporting;
using Node.Cli.Commands.Networks;
using Node.Cli.Networks;
using Node.Cli.Running;

namespace Node.Cli.Commands.Benching;

/// <summary>What the commands of <c>bench</c> have in common: the network to measure, and where results go.</summary>
internal static class BenchOptions
{
    private const int InFlightDefault = 256;
    private const int InFlightMax = 4_096;

    private static readonly Option<string?> s_out = new("--out")
    {
        Description = "Folder for the results; default ./bench-results",
        HelpName = "DIR",
    };

    private static readonly Option<int> s_inFlight = new("--in-flight")
    {
        Description = "Transactions of one client at once",
        HelpName = "COUNT",
        DefaultValueFactory = _ => InFlightDefault,
    };

    private static readonly Option<bool> s_start = new("--start")
    {
        Description = "Start the network of --dir first; make it when there is none",
    };

    private static readonly Option<bool> s_originalLimits = new("--original-limits")
    {
        Description = "Blocks of 2 s, 10 messages or 512 KB as in 2019; the network must have been made with them",
    };

    public static Symbol[] All => [s_out, s_inFlight, s_start, s_originalLimits, .. NewNetworkOptions.All];

    /// <summary>Runs a measurement on the network, and clears away what it stored.</summary>
    public static async Task<ExitCode> RunAsync(
        Invocation invocation, BenchScale scale, Func<BenchBed, ResultFolder, Task<ExitCode>> measure,
        CancellationToken cancellation)
    {
        int inFlight = RequireWithin(invocation, s_inFlight, InFlightMax);
        await BenchNetwork.PrepareAsync(
            invocation, NewNetworkOptions.Read(invocation), invocation.Get(s_start), invocation.Get(s_originalLimits),
            cancellation);
        string folder = invocation.Console.PathOf(invocation.Get(s_out) ?? "bench-results");
        return await invocation.Progress.WhileAsync("Measuring", async report =>
        {
            using var bed = BenchBed.Open(invocation, scale, inFlight, folder, report);
            return await measure(bed, new ResultFolder(folder));
        });
    }

    /// <param name="command">With its options, as a person would repeat it.</param>
    public static RunDescription Describe(Invocation invocation, BenchBed bed, string command)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        int orderers = layout.Nodes.Count(place => place.IsOrderer);
        string limits = BenchNetwork.Describe(BenchNetwork.LimitsOf(layout))
            + ", or at once when nothing is on its way to the ordered log";
        return new RunDescription(
            MachineDescription.OfThis(invocation.Folder),
            bed.Scale.Name,
            limits,
            $"{layout.Nodes.Count - orderers} peers of {layout.Topology.Organizations.Count} organisations, "
                + $"{orderers} orderer, endorsement policy "
                + layout.Topology.Channels[0].Contracts.Select(contract => contract.Policy).FirstOrDefault("none"),
            $"{bed.LoadBefore} before the run, {MachineDescription.ReadLoad()} after it",
            bed.Clock.GetUtcNow(),
            command + (invocation.Get(s_originalLimits) ? " --original-limits" : "")
                + string.Create(CultureInfo.InvariantCulture, $" --in-flight {bed.InFlight}"));
    }

    /// <exception cref="CommandFault">The value is not between 1 and the greatest.</exception>
    public static int RequireWithin(Invocation invocation, Option<int> option, int max)
    {
        int value = invocation.Get(option);
        return value >= 1 && value <= max
            ? value
            : throw new CommandFault(
                ExitCode.Usage, $"{option.Name} {value} is out of range: it lies between 1 and {max}.");
    }
}
