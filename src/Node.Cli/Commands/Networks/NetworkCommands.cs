using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;

namespace Node.Cli.Commands.Networks;

/// <summary><c>network up|down|status|clean</c>: a whole network on this machine.</summary>
internal static class NetworkCommands
{
    private static readonly Option<bool> s_yes = new("--yes", "-y") { Description = "Yes, delete it all" };

    public static Command Create() => new("network", "Start, stop and look at a network on this machine")
    {
        new Verb(
            "up", "Start the network; make it first if the folder is empty",
            "network up --dir ./my-network --base-port 17050")
            .Takes(NewNetworkOptions.All)
            .Runs(StartAsync),
        new Verb("down", "Stop the network; all data stay", "network down")
            .Runs(StopAsync),
        new Verb("status", "Show each node: running, healthy, height", "network status --json")
            .Runs(async (invocation, cancellation) => await NetworkStatus.ShowAsync(invocation, cancellation)),
        new Verb(
            "clean", "Stop the network and delete it with its ledgers, keys and stored files",
            "network clean --yes")
            .Takes(s_yes)
            .Runs(CleanAsync),
    };

    private static async Task<ExitCode> StartAsync(Invocation invocation, CancellationToken cancellation)
    {
        await NetworkStart.RunAsync(invocation, NewNetworkOptions.Read(invocation), cancellation);
        return await NetworkStatus.ShowAsync(invocation, cancellation);
    }

    private static async Task<ExitCode> StopAsync(Invocation invocation, CancellationToken cancellation)
    {
        await NetworkStop.RunAsync(NetworkLayout.Open(invocation), invocation, cancellation);
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
