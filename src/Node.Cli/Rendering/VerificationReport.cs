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

    public int Records { get; private set; }

    public IEnumerable<Finding> Failures => _findings.Where(finding => finding.IsFailure);

    public bool Passed => !Failures.Any();

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
                report._findings.AddRange(await verification.VerifyAsync(record, cancellation));
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

        string records = Records.ToString(CultureInfo.InvariantCulture);
        string failures = Failures.Count().ToString(CultureInfo.InvariantCulture);
        console.Screen.MarkupLine(Passed
            ? $"[green]Verified: {records} records, every stored file is as recorded.[/]"
            : $"[red]Not verified: {failures} of {records} records cannot be relied on.[/]");
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

    private static string ColorOf(Finding finding) => finding.Kind switch
    {
        FindingKind.Intact => "green",
        FindingKind.OutdatedParent or FindingKind.NotVerifiable => "yellow",
        _ => "red",
    };
}
