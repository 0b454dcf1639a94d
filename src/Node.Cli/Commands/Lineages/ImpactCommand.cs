using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>impact KEY …</c>: everything that a bad source tainted.</summary>
internal static class ImpactCommand
{
    private static readonly Argument<string[]> s_sources = new("KEY|TXID")
    {
        Description = "The bad sources: keys (their newest records) or record ids",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> s_writer = new("--writer")
    {
        Description = "Instead of keys: all that somebody recorded; an enrolment id or a certificate's fingerprint",
        HelpName = "MSPID[:WHO]",
    };

    private static readonly Option<DateTimeOffset?> s_since = new("--since")
    {
        Description = "With --writer: only what was recorded from this time on, as 2026-01-31T12:00:00Z",
        HelpName = "TIME",
    };

    public static Verb Create() =>
        new Verb(
            "impact", "Show everything that was derived from bad sources, and must be looked at again",
            "impact weather/month/2013-09 -o tainted.svg")
            .Takes(s_sources, s_writer, s_since, LineageOptions.AsOf)
            .Takes(LineageOptions.All)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string[] sources = invocation.GetAll(s_sources);
        Writer? writer = WriterOf(invocation);
        if (sources.Length > 0 == (writer is not null))
            throw new CommandFault(
                ExitCode.Usage, "name either bad records (KEY|TXID …) or who wrote them (--writer MSPID[:WHO]).");

        using NetworkSession session = NetworkSession.Open(invocation);
        var graphs = new RecordGraphs(session.Provenance);
        ulong? asOf = invocation.Get(LineageOptions.AsOf);
        LineageGraph graph = writer is null
            ? await graphs.ImpactAsync(sources, asOf, cancellation)
            : await graphs.ImpactAsync(writer, asOf, cancellation);
        await LineageOptions.WriteAsync(invocation, graph, cancellation);
        int bad = graph.Roots.Count();
        invocation.Progress.Say(
            $"{LineageOutput.Count(graph.Nodes.Count - bad, "record")} tainted by " +
            $"{LineageOutput.Count(bad, "bad source")}.");
        return ExitCode.Ok;
    }

    private static Writer? WriterOf(Invocation invocation)
    {
        if (invocation.Get(s_writer) is not { } text)
            return null;

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return new Writer
        {
            MspId = colon < 0 ? text : text[..colon],
            Who = colon < 0 ? "" : text[(colon + 1)..],
            Since = invocation.Get(s_since),
        };
    }
}
