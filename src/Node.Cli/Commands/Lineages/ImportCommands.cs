using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Exporting;
using Node.Client.Exporting.OpenLineage;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Cli.Commands.Lineages;

/// <summary><c>import FORMAT FILE</c>: records what a document of another program says.</summary>
internal static class ImportCommands
{
    private static readonly Argument<string> s_file = new("FILE")
    {
        Description = "The document, or - for standard input",
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "Show what would be recorded, and record nothing",
    };

    private static readonly Option<string> s_prefix = new("--key-prefix")
    {
        Description = "Put before every key",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> s_undeclared = new("--allow-undeclared")
    {
        Description = "Make records for entities that the document names and does not declare",
    };

    public static Command Create() => new("import", "Record what a document of another program says")
    {
        Document("prov-json", "W3C PROV as JSON", "climate.prov.json", ReadProvJsonAsync, s_undeclared),
        Document("prov-n", "W3C PROV in its notation for people", "climate.provn", ReadProvNAsync, s_undeclared),
        Document("openlineage", "OpenLineage events", "events.ndjson", ReadOpenLineageAsync),
    };

    private static Verb Document(
        string name, string description, string file,
        Func<Invocation, ProvenanceClient, byte[], CancellationToken, Task<ImportedDrafts>> read,
        params Symbol[] options) =>
        new Verb(name, description, $"import {name} {file} --dry-run")
            .Takes(s_file, s_dryRun, s_prefix)
            .Takes(options)
            .Runs(async (invocation, cancellation) =>
            {
                byte[] document = await ReadFileAsync(invocation, cancellation);
                using NetworkSession session = NetworkSession.Open(invocation);
                ImportedDrafts imported = await read(invocation, session.Provenance, document, cancellation);
                IReadOnlyList<Recorded> recorded = invocation.Get(s_dryRun) || imported.Drafts.Count == 0
                    ? []
                    : await session.Provenance.RecordBatchAsync(imported.Drafts, cancellation);
                Show(invocation, imported, recorded);
                return ExitCode.Ok;
            });

    private static Task<ImportedDrafts> ReadProvJsonAsync(
        Invocation invocation, ProvenanceClient client, byte[] bytes, CancellationToken cancellation) =>
        ProvJson.TryRead(bytes, out ProvDocument? document, out string? fault)
            ? Task.FromResult(DraftsOf(invocation, document))
            : throw Malformed(invocation, fault);

    private static Task<ImportedDrafts> ReadProvNAsync(
        Invocation invocation, ProvenanceClient client, byte[] bytes, CancellationToken cancellation) =>
        ProvN.TryRead(bytes, out ProvDocument? document, out string? fault)
            ? Task.FromResult(DraftsOf(invocation, document))
            : throw Malformed(invocation, fault);

    private static async Task<ImportedDrafts> ReadOpenLineageAsync(
        Invocation invocation, ProvenanceClient client, byte[] bytes, CancellationToken cancellation)
    {
        if (!OpenLineageEvents.TryRead(bytes, out IReadOnlyList<OpenLineageEvent>? events, out string? fault))
            throw Malformed(invocation, fault);

        try
        {
            return await OpenLineageEvents.ToDraftsAsync(
                events, OpenLineageEvents.NewestOf(client), OptionsOf(invocation), cancellation);
        }
        catch (ImportRefusedException refused)
        {
            throw Malformed(invocation, refused.Message);
        }
    }

    private static ImportedDrafts DraftsOf(Invocation invocation, ProvDocument document)
    {
        ImportOptions options = OptionsOf(invocation) with { AllowUndeclared = invocation.Get(s_undeclared) };
        return ProvImport.TryMake(document, options, out ImportedDrafts? imported, out string? fault)
            ? imported
            : throw Malformed(invocation, fault);
    }

    private static ImportOptions OptionsOf(Invocation invocation) =>
        new() { KeyPrefix = invocation.Get(s_prefix) ?? "" };

    private static CommandFault Malformed(Invocation invocation, string fault) => new(
        ExitCode.Usage, $"{invocation.Get(s_file)}: {fault}. Nothing was recorded.");

    private static async Task<byte[]> ReadFileAsync(Invocation invocation, CancellationToken cancellation)
    {
        string name = invocation.Get(s_file);
        await using Stream file = name == "-"
            ? invocation.Console.Input
            : new FileStream(invocation.Console.PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellation)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > ImportLimits.DocumentBytesMax)
                throw new CommandFault(
                    ExitCode.Usage,
                    $"{name} is larger than {ImportLimits.DocumentBytesMax} bytes, the limit. Split the document.");
        }

        return bytes.ToArray();
    }

    private static void Show(Invocation invocation, ImportedDrafts imported, IReadOnlyList<Recorded> recorded)
    {
        bool isDry = invocation.Get(s_dryRun);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                DryRun = isDry,
                Records = imported.Drafts.Select((draft, index) => new
                {
                    draft.Key,
                    draft.Hash,
                    draft.ChecksumAlgorithm,
                    draft.Type,
                    draft.Parents,
                    RecordId = index < recorded.Count ? recorded[index].Id.Value : null,
                    TransactionId = index < recorded.Count ? recorded[index].CommittedBy.Value : null,
                    Block = index < recorded.Count ? recorded[index].Block : (ulong?)null,
                }),
                imported.LeftOut,
            });
            return;
        }

        foreach (RecordDraft draft in imported.Drafts)
            invocation.Console.Output.WriteLine(
                $"{(isDry ? "would record" : "recorded")}  {DisplayText.Visible(draft.Key)}" +
                $"  ({LineageOutput.Count(draft.Parents.Count, "parent")})");
        foreach (string left in imported.LeftOut)
            invocation.Progress.Say($"left out: {left}");
    }
}
