using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Protocol;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>path FROM TO</c>: what lies between two records.</summary>
internal static class PathCommand
{
    private static readonly Argument<string> s_from = new("FROM")
    {
        Description = "A key (its newest record) or a record's id",
    };

    private static readonly Argument<string> s_to = new("TO")
    {
        Description = "Another one; either may have come of the other",
    };

    public static Verb Create() =>
        new Verb(
            "path", "Show how one record came of another: every record between them",
            "path weather/climate weather/month/2013-09")
            .Takes(s_from, s_to, LineageOptions.AsOf)
            .Takes(LineageOptions.All)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string from = invocation.Get(s_from);
        string to = invocation.Get(s_to);
        (TxId child, TxId ancestor, LineageGraph graph) =
            await new RecordGraphs(session.Provenance)
                .BetweenAsync(from, to, invocation.Get(LineageOptions.AsOf), cancellation)
            ?? throw new CommandFault(
                ExitCode.NotFound,
                $"neither of {DisplayText.Visible(from)} and {DisplayText.Visible(to)} was derived from the other. " +
                "A key means its newest record; name an older one by its id (./hyperprov history KEY).");
        await LineageOptions.WriteAsync(invocation, graph, cancellation);
        int steps = RecordPaths.Shortest(graph, child, ancestor).Count - 1;
        invocation.Progress.Say(
            $"The shortest way has {LineageOutput.Count(steps, "step")}; " +
            $"{LineageOutput.Count(graph.Nodes.Count, "record")} lie on all ways together.");
        return ExitCode.Ok;
    }
}
