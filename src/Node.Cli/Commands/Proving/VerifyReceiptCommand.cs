using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Receipts;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;
using Spectre.Console;

namespace Node.Cli.Commands.Proving;

/// <summary><c>verify-receipt FILE</c>: every step of the proof, offline.</summary>
internal static class VerifyReceiptCommand
{
    private static readonly Argument<string> s_file = new("FILE") { Description = "A receipt" };

    private static readonly Option<string> s_genesis = GenesisOption.Create();

    private static readonly Option<string> s_content = new("--content")
    {
        Description = "Hold this file against the checksum that was recorded",
        HelpName = "FILE",
    };

    private static readonly Option<int?> s_attesters = new("--attesters")
    {
        Description = "Peers of how many organisations must vouch for it; default: a majority",
        HelpName = "N",
    };

    public static Verb Create() =>
        new Verb(
            "verify-receipt", "Verify a receipt without a network: every step with pass or fail and why",
            "verify-receipt report.receipt --genesis 4f1c… --content report.csv")
            .Takes(s_file, s_genesis, s_content, s_attesters, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        Hash32 genesis = GenesisOption.Read(invocation, s_genesis, invocation.Get(ContractOptions.Channel)!);
        if (invocation.Get(s_attesters) is < 1)
            throw new CommandFault(ExitCode.Usage, "--attesters is at least 1.");

        byte[] file = await ProofFiles.ReadAsync(invocation, invocation.Get(s_file), cancellation);
        (List<VerificationStep> steps, ProvenTransaction? proven) = Verify(invocation, file, genesis);
        if (proven is not null && invocation.Get(s_content) is { } content)
            steps.Add(await CheckAsync(invocation.Console.PathOf(content), proven, cancellation));

        bool passed = steps.TrueForAll(step => step.Outcome == StepOutcome.Passed);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Passed = passed, Steps = steps, Proven = ViewOf(proven) });
        else
            Show(invocation.Console, steps, proven, passed);

        return passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static (List<VerificationStep> Steps, ProvenTransaction? Proven) Verify(
        Invocation invocation, byte[] file, Hash32 genesis)
    {
        var steps = new List<VerificationStep>();
        if (!Receipt.TryParse(file, out Receipt? receipt, out string? fault))
        {
            steps.Add(new VerificationStep("file", StepOutcome.Failed, fault));
            steps.AddRange(
                ReceiptVerification.StepNames.Select(name => new VerificationStep(name, StepOutcome.NotReached, "")));
            return (steps, null);
        }

        steps.Add(new VerificationStep("file", StepOutcome.Passed, "its checksum is right and it can be read"));
        var demands = new ReceiptDemands { AttestingOrganizations = invocation.Get(s_attesters) };
        ReceiptReport report = ReceiptVerification.Verify(receipt, genesis, demands);
        steps.AddRange(report.Steps);
        return (steps, report.Proven);
    }

    private static async Task<VerificationStep> CheckAsync(
        string path, ProvenTransaction proven, CancellationToken cancellation)
    {
        const string Name = "content";
        if (!File.Exists(path))
            throw new CommandFault(ExitCode.NotFound, $"no file {path}");

        var found = new List<string>();
        foreach (ProvenanceRecord record in proven.Records)
        {
            if (record.Checksum is not { } expected)
                continue;

            ContentCheck check = await ContentVerification.CheckAsync(path, expected, cancellation);
            if (check.State == ContentState.Intact)
                return new VerificationStep(
                    Name, StepOutcome.Passed, $"{path} is what was recorded as \"{record.Key}\" ({expected})");

            found.Add($"\"{record.Key}\" was recorded as {expected}, the file has {check.Found}");
        }

        return new VerificationStep(
            Name,
            StepOutcome.Failed,
            found.Count == 0
                ? "the transaction recorded no checksum that a file could be held against"
                : $"{path} is not what was recorded: {string.Join("; ", found)}");
    }

    private static void Show(
        CliConsole console, List<VerificationStep> steps, ProvenTransaction? proven, bool passed)
    {
        ProofFiles.ShowSteps(console, steps);
        if (!passed)
            return;

        foreach (ProvenanceRecord record in proven?.Records ?? [])
        {
            Tables.ShowFacts(
                console,
                ("key", record.Key),
                ("checksum", $"{record.ChecksumAlgorithm} {record.Hash}"),
                ("location", record.Location),
                ("pointer", record.Pointer),
                ("description", record.Description),
                ("derived from", string.Join('\n', record.Parents.Select(parent => parent.Value))),
                ("recorded by", $"{record.EnrollmentId} of {record.MspId}"),
                ("time", record.Timestamp),
                ("record", record.TransactionId.Value));
        }

        console.Screen.MarkupLine("[green]The receipt is genuine.[/]");
    }

    private static object? ViewOf(ProvenTransaction? proven) => proven is null
        ? null
        : new
        {
            Channel = proven.Channel.Value,
            proven.TransactionId,
            proven.Block,
            proven.Index,
            proven.Time,
            proven.Creator,
            proven.Contract,
            proven.Endorsers,
            proven.Attesters,
            Records = proven.Records.Select(JsonView.Of),
        };
}
