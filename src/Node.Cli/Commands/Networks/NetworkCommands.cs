using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Networks;

/// <summary><c>network up|down|status|clean</c>: a whole network on this machine.</summary>
internal static class NetworkCommands
{
    private static readonly Option<int?> s_basePort = new("--base-port")
    {
        Description = $"Move all ports of a new network so that the first orderer has this one (default {NetworkTopology.DefaultBasePort})",
        HelpName = "PORT",
    };

    private static readonly Option<string?> s_keyType = new("--key-type")
    {
        Description = "Keys of a new network: p256 (default) or ed25519",
        HelpName = "TYPE",
    };

    private static readonly Option<int> s_orderers = new("--orderers")
    {
        Description = "How many orderers a new network has",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> s_force = new("--force") { Description = "Do not ask" };

    public static Command Create() => new("network", "Start, stop and look at a network on this machine")
    {
        new Verb("up", "Start the network; make it first if the folder is empty", "network up --dir ./my-network --base-port 17050")
            .Takes(s_basePort, s_keyType, s_orderers)
            .Runs(UpAsync),
        new Verb("down", "Stop the network; all data stay", "network down")
            .Runs(DownAsync),
        new Verb("status", "Show each node: running, healthy, height", "network status --json")
            .Runs(async (invocation, cancellation) => await NetworkStatus.ShowAsync(invocation, cancellation)),
        new Verb("clean", "Stop the network and delete its folder, ledgers, keys and stored files included", "network clean --force")
            .Takes(s_force)
            .Runs(CleanAsync),
    };

    private static async Task<ExitCode> UpAsync(Invocation invocation, CancellationToken cancellation)
    {
        await NetworkStart.RunAsync(invocation, ReadOptions(invocation), cancellation);
        return await NetworkStatus.ShowAsync(invocation, cancellation);
    }

    private static async Task<ExitCode> DownAsync(Invocation invocation, CancellationToken cancellation)
    {
        await NetworkStop.RunAsync(NetworkLayout.Open(invocation), invocation, cancellation);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> CleanAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        if (!invocation.Get(s_force))
            throw new CommandFault(
                ExitCode.Usage,
                $"this deletes {layout.Folder} with its ledgers, keys and stored files. Repeat with --force if that is meant.");

        await NetworkStop.RunAsync(layout, invocation, cancellation);
        Directory.Delete(layout.Folder, recursive: true);
        invocation.Progress.Say($"Deleted {layout.Folder}");
        return ExitCode.Ok;
    }

    private static NetworkStartOptions ReadOptions(Invocation invocation)
    {
        int orderers = invocation.Get(s_orderers);
        if (orderers != 1)
            throw new CommandFault(
                ExitCode.Usage,
                $"--orderers {orderers}: this version orders on one node, with its local log. Several orderers come with the etcd log.");

        int? basePort = invocation.Get(s_basePort);
        if (basePort is < 1 or > NetworkTopology.BasePortMax)
            throw new CommandFault(
                ExitCode.Usage, $"--base-port {basePort} is out of range: it lies between 1 and {NetworkTopology.BasePortMax}.");

        KeyType? keyType = null;
        if (invocation.Get(s_keyType) is { } text)
            keyType = KeyTypeNames.TryParse(text, out KeyType parsed)
                ? parsed
                : throw new CommandFault(ExitCode.Usage, $"--key-type is p256 or ed25519, not \"{text}\".");

        return new NetworkStartOptions(orderers, basePort, keyType);
    }
}
