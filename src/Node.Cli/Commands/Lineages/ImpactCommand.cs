using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

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

    private static readonly Option<bool> s_allVersions = new("--all-versions")
    {
        Description = "A key means every record it ever had, not its newest alone",
    };

    public static Verb Create() =>
        new Verb(
            "impact", "Show everything that was derived from bad sources, and must be looked at again",
            "impact weather/month/2013-09 --all-versions -o tainted.svg")
            .Takes(s_sources, s_allVersions, s_writer, s_since, LineageOptions.AsOf)
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
        if (invocation.Get(s_allVersions))
            sources = await VersionsOfAsync(session.Provenance, sources, cancellation);

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

    private static async Task<string[]> VersionsOfAsync(
        ProvenanceClient client, string[] sources, CancellationToken cancellation)
    {
        var versions = new List<string>();
        foreach (string source in sources)
        {
            if (TxId.TryParse(source, out _, out _))
            {
                versions.Add(source);
                continue;
            }

            int before = versions.Count;
            await foreach (ProvenanceRecord record in client.HistoryAsync(source, newestFirst: false, cancellation))
                versions.Add(record.TransactionId.Value);

            if (versions.Count == before)
                throw new CommandFault(ExitCode.NotFound, $"no record of key \"{source}\".");
        }

        return [.. versions];
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
