using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;

namespace Node.Cli.Commands.Nodes;

/// <summary><c>health</c>: how the node of one configuration is; for containers and supervisors.</summary>
internal static class HealthCommand
{
    private static readonly Option<string?> s_config = new("--config")
    {
        Description = $"The node's configuration (default: what {NodeConfig.Variable} names)",
        HelpName = "FILE",
    };

    public static Verb Create() => new Verb(
        "health", "Ask the node of a configuration, on this machine, whether all is well with it",
        "health --config hyperprov-data/nodes/peer0.org1.example.com/config.json")
        .Takes(s_config)
        .Runs(AskAsync);

    private static async Task<ExitCode> AskAsync(Invocation invocation, CancellationToken cancellation)
    {
        HealthPlace place = NodeConfig.ReadHealthPlace(
            NodeConfig.PathOf(invocation.Get(s_config), invocation.Console));
        NodeHealth health = await AskAsync(place, cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Healthy = health.IsHealthy, health.Reason });
        else
            invocation.Console.Output.WriteLine(health.IsHealthy
                ? "healthy"
                : $"not healthy: {health.Reason ?? "it does not answer"}");

        return health.IsHealthy ? ExitCode.Ok : ExitCode.Unreachable;
    }

    private static async Task<NodeHealth> AskAsync(HealthPlace place, CancellationToken cancellation)
    {
        if (place.OperationsPort == 0)
            return new NodeHealth(
                await HealthProbe.ListensAsync(place.Listening.Address, place.Listening.Port, cancellation),
                Reason: null);

        using var probe = new HealthProbe(
            place.Insecure ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, place.RootFiles);
        return await probe.AskAsync(place.OperationsPort, cancellation);
    }
}
