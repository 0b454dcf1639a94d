using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Exporting.Attesting;
using Node.Client.Exporting.OpenLineage;
using Node.Client.Exporting.Prov;
using Node.Client.Exporting.RoCrates;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>export FORMAT KEY|TXID</c>: a record and its lineage for other programs.</summary>
internal static class ExportCommands
{
    private static readonly Argument<string> s_record = new("KEY|TXID")
    {
        Description = "A key (its newest record) or a record's id",
    };

    private static readonly Option<bool> s_down = new("--down")
    {
        Description = "With what was derived from it, instead of its origin",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Write to this file instead of standard output",
        HelpName = "FILE",
    };

    private static readonly Option<string> s_folder = new("--output", "-o")
    {
        Description = "The folder to write, new or empty",
        HelpName = "FOLDER",
        Required = true,
    };

    private static readonly Option<bool> s_unsigned = new("--unsigned")
    {
        Description = "The bare statement, without the signed envelope",
    };

    private static readonly Option<string> s_license = new("--license")
    {
        Description = "The license of the content",
        HelpName = "URL",
    };

    private static readonly Option<string> s_name = new("--name")
    {
        Description = "What the crate is called",
        HelpName = "TEXT",
    };

    private static readonly Option<string> s_version = VersionOption();

    private static readonly Option<bool> s_metadataOnly = new("--metadata-only")
    {
        Description = "Describe the records without copying their content",
    };

    public static Command Create() => new("export", "Write a record and its lineage in a format of other programs")
    {
        Graph("prov-json", "W3C PROV as JSON", "climate.prov.json", ProvJsonOf),
        Graph("prov-n", "W3C PROV in its notation for people", "climate.provn", ProvNOf),
        Graph("openlineage", "OpenLineage run events, one in each line", "climate.ndjson", OpenLineageOf),
        new Verb(
            "in-toto", "A signed in-toto statement: content by digest, with SLSA provenance",
            "export in-toto weather/climate -o climate.intoto.json")
            .Takes(s_record, s_output, s_unsigned)
            .Runs(AttestAsync),
        new Verb(
            "ro-crate", "A research object crate: a folder with the content and its metadata",
            "export ro-crate weather/climate -o climate-crate")
            .Takes(s_record, s_down, LineageOptions.Depth, LineageOptions.AsOf)
            .Takes(s_folder, s_license, s_name, s_version, s_metadataOnly)
            .Runs(PackAsync),
    };

    private static Verb Graph(string name, string description, string file, Func<LineageGraph, byte[]> write) =>
        new Verb(name, description, $"export {name} weather/climate -o {file}")
            .Takes(s_record, s_down, LineageOptions.Depth, LineageOptions.AsOf, s_output)
            .Runs(async (invocation, cancellation) =>
            {
                using NetworkSession session = NetworkSession.Open(invocation);
                LineageGraph graph = await AskAsync(invocation, session.Provenance, cancellation);
                await LineageOutput.WriteAsync(invocation, write(graph), invocation.Get(s_output), cancellation);
                return ExitCode.Ok;
            });

    private static byte[] ProvJsonOf(LineageGraph graph) => ProvJson.Write(ProvLineage.Of(graph));

    private static byte[] ProvNOf(LineageGraph graph) => ProvN.Write(ProvLineage.Of(graph));

    private static byte[] OpenLineageOf(LineageGraph graph) =>
        OpenLineageEvents.Write(graph, NetworkSession.DefaultChannel);

    private static async Task<ExitCode> AttestAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        var graphs = new RecordGraphs(session.Provenance);
        LineageGraph graph = await graphs.OfAsync(
            invocation.Get(s_record), LineageDirection.Up, depth: 1, asOf: null, cancellation);
        graph = await graphs.CompleteAsync(graph, cancellation);
        if (!InTotoStatement.TryWrite(graph, NetworkSession.DefaultChannel, out byte[]? statement, out string? fault))
            throw new CommandFault(ExitCode.Refused, fault);

        byte[] bytes = invocation.Get(s_unsigned)
            ? statement
            : DsseEnvelope.Sign(
                InTotoStatement.PayloadType, statement, session.Gateway.Sign, session.Gateway.Identity.Fingerprint());
        await LineageOutput.WriteAsync(invocation, bytes, invocation.Get(s_output), cancellation);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> PackAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        LineageGraph graph = await AskAsync(invocation, session.Provenance, cancellation);
        string folder = invocation.Console.PathOf(invocation.Get(s_folder)!);   // Required.
        int files = await RoCrate.WriteAsync(
            session.Provenance, graph, folder,
            new RoCrateOptions
            {
                Name = invocation.Get(s_name) ?? "",
                License = invocation.Get(s_license) ?? "",
                Version = invocation.Get(s_version)!,   // It has a default.
                MetadataOnly = invocation.Get(s_metadataOnly),
            },
            cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Folder = folder, Files = files, Records = graph.Records.Count() });
        else
            Tables.ShowFacts(
                invocation.Console, ("crate", folder), ("files", LineageOutput.Count(files, "file")),
                ("records", LineageOutput.Count(graph.Records.Count(), "record")));

        return ExitCode.Ok;
    }

    private static async Task<LineageGraph> AskAsync(
        Invocation invocation, ProvenanceClient client, CancellationToken cancellation)
    {
        var graphs = new RecordGraphs(client);
        LineageDirection direction = invocation.Get(s_down) ? LineageDirection.Down : LineageDirection.Up;
        LineageGraph graph = await graphs.OfAsync(
            invocation.Get(s_record), direction, invocation.Get(LineageOptions.Depth),
            invocation.Get(LineageOptions.AsOf), cancellation);
        return await graphs.CompleteAsync(graph, cancellation);
    }

    private static Option<string> VersionOption()
    {
        var option = new Option<string>("--crate-version")
        {
            Description = "Of the RO-Crate specification: 1.1 or 1.2",
            HelpName = "VERSION",
            DefaultValueFactory = _ => "1.1",
        };
        option.AcceptOnlyFromAmong("1.1", "1.2");
        return option;
    }
}
