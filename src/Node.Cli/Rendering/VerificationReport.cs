using System.Globalization;
using System.Runtime.CompilerServices;
using Node.Cli.Running;
using Node.Client.Recording;
using Spectre.Console;

namespace Node.Cli.Rendering;

/// <summary>What a verification of records found.</summary>
internal sealed class VerificationReport
{
    private readonly List<Finding> _findings = [];
    private readonly List<string> _unverified = [];   // Keys that a person named and that nobody can vouch for.

    public int Records { get; private set; }

    public IEnumerable<Finding> Failures => _findings.Where(finding => finding.IsFailure);

    /// <summary>Nothing is wrong, and what was asked for by name could be verified.</summary>
    public bool Passed => !Failures.Any() && _unverified.Count == 0;

    /// <param name="keys">None: every key of the ledger.</param>
    public static async Task<VerificationReport> CollectAsync(
        ProvenanceClient provenance, IReadOnlyList<string> keys, ProgressLine progress, CancellationToken cancellation)
    {
        var report = new VerificationReport();
        RecordVerification verification = provenance.NewVerification();
        await progress.WhileAsync("Verifying stored files against the ledger", async say =>
        {
            await foreach (ProvenanceRecord record in RecordsAsync(provenance, keys, cancellation))
            {
                say($"Verifying {record.Key} ({verification.RecordsVerified} records done)");
                IReadOnlyList<Finding> found = await verification.VerifyAsync(record, cancellation);
                report._findings.AddRange(found);
                if (keys.Count > 0 && found.Any(finding => IsUnverified(finding) && finding.Record == record))
                    report._unverified.Add(record.Key);
            }
        });
        report.Records = verification.RecordsVerified;
        return report;
    }

    public void Show(CliConsole console, bool verbose)
    {
        foreach (Finding finding in _findings)
        {
            if (verbose || finding.Kind != FindingKind.Intact)
                console.Screen.MarkupLine($"[{ColorOf(finding)}]{Tables.Escape(RecordView.Line(finding))}[/]");
        }

        int unverified = _findings.Count(IsUnverified);
        string records = Records.ToString(CultureInfo.InvariantCulture);
        string failures = Failures.Count().ToString(CultureInfo.InvariantCulture);
        string rest = unverified == 0
            ? "every stored file is as recorded"
            : string.Create(
                CultureInfo.InvariantCulture, $"{unverified} of them name no content that can be verified from here");
        console.Screen.MarkupLine((Passed, Failures.Any()) switch
        {
            (true, _) => $"[green]Verified: {records} records, {rest}.[/]",
            (_, true) => $"[red]Not verified: {failures} of {records} records cannot be relied on.[/]",
            _ => $"[red]Not verified: {Tables.Escape(string.Join(", ", _unverified))}. Name the store: --store.[/]",
        });
    }

    public object ToJson() => new
    {
        Passed,
        Records,
        Findings = _findings.Where(finding => finding.Kind != FindingKind.Intact).Select(JsonView.Of),
    };

    private static async IAsyncEnumerable<ProvenanceRecord> RecordsAsync(
        ProvenanceClient provenance, IReadOnlyList<string> keys,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (keys.Count == 0)
        {
            await foreach (ProvenanceRecord record in provenance.RangeAsync("", "", cancellation))
                yield return record;
        }

        foreach (string key in keys)
            yield return await provenance.FindAsync(key, cancellation);
    }

    private static bool IsUnverified(Finding finding) =>
        finding.Kind is FindingKind.Elsewhere or FindingKind.NotVerifiable;

    private static string ColorOf(Finding finding) => finding.Kind switch
    {
        FindingKind.Intact => "green",
        FindingKind.OutdatedParent or FindingKind.NotVerifiable or FindingKind.Elsewhere => "yellow",
        _ => "red",
    };
}
