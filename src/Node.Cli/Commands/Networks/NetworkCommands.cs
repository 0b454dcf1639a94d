using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;

namespace Node.Cli.Commands.Networks;

/// <summary><c>network up|down|status|clean</c>: a whole network on this machine.</summary>
internal static class NetworkCommands
{
    private static readonly Option<bool> s_yes = new("--yes", "-y") { Description = "Yes, delete it all" };

    private static readonly Option<string?> s_host = new("--host")
    {
        Description = "Only the nodes that network.yaml places on this host (default: all, or those for which " +
            "`network plan` wrote the folder)",
        HelpName = "NAME",
    };

    public static Command Create() => new("network", "Start, stop and look at a network, or this machine's part of it")
    {
        new Verb(
            "up", "Start the network; make it first if the folder is empty",
            "network up --dir ./my-network --base-port 17050")
            .Takes([.. NewNetworkOptions.All, s_host])
            .Runs(StartAsync),
        new Verb("down", "Stop the network; all data stay", "network down")
            .Takes(s_host)
            .Runs(StopAsync),
        new Verb("status", "Show each node: running, healthy, height", "network status --json")
            .Takes(s_host)
            .Runs(async (invocation, cancellation) =>
                await NetworkStatus.ShowAsync(invocation, Open(invocation), cancellation)),
        PlanCommand.Create(),
        GenesisCommand.Create(),
        new Verb(
            "contracts", "Approve and commit the contracts of network.yaml, as the Admins whose keys are here",
            "network contracts --dir ./client-org1")
            .Runs(AgreeAsync),
        new Verb(
            "clean", "Stop the network and delete it with its ledgers, keys and stored files",
            "network clean --yes")
            .Takes(s_yes)
            .Runs(CleanAsync),
    };

    private static async Task<ExitCode> StartAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkStartOptions options = NewNetworkOptions.Read(invocation) with { Host = invocation.Get(s_host) };
        await NetworkStart.RunAsync(invocation, options, cancellation);
        NetworkLayout layout = Open(invocation);
        ExitCode code = await NetworkStatus.ShowAsync(invocation, layout, cancellation);

        // Nodes of one host alone may have to wait for those of the others.
        return layout.LocalHost is null ? code : ExitCode.Ok;
    }

    private static async Task<ExitCode> AgreeAsync(Invocation invocation, CancellationToken cancellation)
    {
        bool reached = await new ContractAgreement(invocation, Open(invocation)).ReachAsync(cancellation);
        return reached ? ExitCode.Ok : ExitCode.Refused;
    }

    private static NetworkLayout Open(Invocation invocation) =>
        NetworkLayout.Open(invocation).On(invocation.Get(s_host));

    private static async Task<ExitCode> StopAsync(Invocation invocation, CancellationToken cancellation)
    {
        await NetworkStop.RunAsync(Open(invocation), invocation, cancellation);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> CleanAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        if (!invocation.Get(s_yes))
            throw new CommandFault(
                ExitCode.Usage,
                $"this deletes the network in {layout.Folder} with its ledgers, keys and stored files. Repeat with " +
                "--yes if that is meant.");

        await NetworkStop.RunAsync(layout, invocation, cancellation);
        layout.Delete();
        invocation.Progress.Say($"Deleted the network in {layout.Folder}");
        return ExitCode.Ok;
    }
}
