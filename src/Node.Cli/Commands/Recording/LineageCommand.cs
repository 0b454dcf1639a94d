using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;

namespace Node.Cli.Commands.Recording;

/// <summary><c>lineage KEY|TXID</c>: what a record was derived from, or what was derived from it.</summary>
internal static class LineageCommand
{
    private const int WidthDefault = 40;

    private static readonly Argument<string> s_record = new("KEY|TXID")
    {
        Description = "A key (its newest record) or a transaction id",
    };

    private static readonly Option<bool> s_down = new("--down")
    {
        Description = "What was derived from it, instead of its origin",
    };

    private static readonly Option<int> s_depth = new("--depth")
    {
        Description = "At most so many levels; negative: all",
        HelpName = "COUNT",
        DefaultValueFactory = _ => -1,
    };

    private static readonly Option<int> s_width = new("--width")
    {
        Description = "Draw at most so many records below each one",
        HelpName = "COUNT",
        DefaultValueFactory = _ => WidthDefault,
    };

    public static Verb Create() =>
        new Verb(
            "lineage", "Draw what a record was derived from, or with --down what came of it", "lineage weather/climate")
            .Takes(s_record, s_down, s_depth, s_width)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        LineageDirection direction = invocation.Get(s_down) ? LineageDirection.Down : LineageDirection.Up;
        Lineage lineage = await session.Provenance
            .LineageAsync(invocation.Get(s_record), direction, invocation.Get(s_depth), cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new
            {
                lineage.Root,
                lineage.Direction,
                Records = lineage.Records.Select(JsonView.Of),
                Edges = lineage.Edges.Select(edge => new { edge.Child, edge.Parent }),
                lineage.Missing,
                Truncated = lineage.IsTruncated,
            });
        else
            LineageView.Show(invocation.Console, lineage, invocation.Get(s_width));

        return ExitCode.Ok;
    }
}
