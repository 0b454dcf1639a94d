using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>impact KEY …</c>: everything that a bad source tainted.</summary>
internal static class ImpactCommand
{
    private static readonly Argument<string[]> s_sources = new("KEY|TXID")
    {
        Description = "The bad sources: keys (their newest records) or record ids",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Verb Create() =>
        new Verb(
            "impact", "Show everything that was derived from bad sources, and must be looked at again",
            "impact weather/month/2013-09 -o tainted.svg")
            .Takes(s_sources)
            .Takes(LineageOptions.All)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        LineageGraph graph = await new RecordGraphs(session.Provenance)
            .ImpactAsync(invocation.GetAll(s_sources), cancellation);
        await LineageOptions.WriteAsync(invocation, graph, cancellation);
        int sources = graph.Roots.Count();
        invocation.Progress.Say(
            $"{LineageOutput.Count(graph.Nodes.Count - sources, "record")} tainted by " +
            $"{LineageOutput.Count(sources, "source")}.");
        return ExitCode.Ok;
    }
}
