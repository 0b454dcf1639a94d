using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>lineage KEY|TXID</c>: what a record was derived from, or what was derived from it.</summary>
internal static class LineageCommand
{
    private static readonly Argument<string> s_record = new("KEY|TXID")
    {
        Description = "A key (its newest record) or a record's id",
    };

    private static readonly Option<bool> s_down = new("--down")
    {
        Description = "What was derived from it, instead of its origin",
    };

    public static Verb Create() =>
        new Verb(
            "lineage", "Draw what a record was derived from, or with --down what came of it",
            "lineage weather/climate -o climate.svg")
            .Takes(s_record, s_down, LineageOptions.Depth, LineageOptions.AsOf)
            .Takes(LineageOptions.All)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        LineageDirection direction = invocation.Get(s_down) ? LineageDirection.Down : LineageDirection.Up;
        LineageGraph graph = await new RecordGraphs(session.Provenance)
            .OfAsync(
                invocation.Get(s_record), direction, invocation.Get(LineageOptions.Depth),
                invocation.Get(LineageOptions.AsOf), cancellation);
        await LineageOptions.WriteAsync(invocation, graph, cancellation);
        return ExitCode.Ok;
    }
}
