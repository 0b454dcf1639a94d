using System.Globalization;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Storing;

namespace Node.Cli.Rendering;

/// <summary>Shows provenance records.</summary>
internal static class RecordView
{
    private const int WideColumns = 150;

    public static void ShowOne(CliConsole console, ProvenanceRecord record) =>
        Tables.ShowFacts(
            console,
            ("key", record.Key),
            (record.BatchId is null ? "transaction" : "record", record.TransactionId.Value),
            ("batch", record.BatchId?.Value ?? ""),
            ("checksum", $"{record.ChecksumAlgorithm} {record.Hash}"),
            ("location", record.Location),
            ("pointer", record.Pointer),
            ("type", record.Type),
            ("description", record.Description),
            ("derived from", string.Join('\n', record.Parents)),
            ("recorded by", $"{record.EnrollmentId} of {record.MspId}"),
            ("certificate", record.Fingerprint),
            ("time", record.Timestamp),
            ("original time", record.OriginalTime),
            (
                "journal",
                record.Journal is null
                    ? ""
                    : string.Create(CultureInfo.InvariantCulture, $"{record.Journal}, entry {record.JournalSequence}")),
            (
                "block",
                string.Create(CultureInfo.InvariantCulture, $"{record.Block}, transaction {record.Transaction}")));

    public static void ShowMany(CliConsole console, IReadOnlyList<ProvenanceRecord> records)
    {
        // What a narrow terminal has no room for is in `get` and in --json.
        bool isWide = !console.IsTerminal || console.Screen.Profile.Width >= WideColumns;
        TextTable table = isWide
            ? new TextTable(
                "key", "block", "time", "by", "type", "parents", "checksum", "transaction", "description")
            : new TextTable("key", "block", "time", "transaction", "description");
        foreach (ProvenanceRecord record in records)
        {
            string block = record.Block.ToString(CultureInfo.InvariantCulture);
            string time = ShortTime(record.Timestamp);
            string transaction = Tables.Short(record.TransactionId.Value);
            if (isWide)
                table.Add(
                    record.Key, block, time, $"{record.EnrollmentId}@{record.MspId}", record.Type,
                    record.Parents.Count.ToString(CultureInfo.InvariantCulture), Tables.Short(record.Hash),
                    transaction, record.Description);
            else
                table.Add(record.Key, block, time, transaction, record.Description);
        }

        table.Show(console);
    }

    /// <summary>One finding: what, where, and both checksums when they differ.</summary>
    public static string Line(Finding finding) => finding.Kind switch
    {
        FindingKind.Intact => $"ok        {finding.Record.Key}",
        FindingKind.Altered => $"ALTERED   {finding.Record.Key}\n{Content(finding.Check!)}",
        FindingKind.Missing => $"MISSING   {finding.Record.Key}\n{Content(finding.Check!)}",
        FindingKind.BrokenAncestry =>
            $"BROKEN    {finding.Record.Key}: its parent, transaction {finding.Parent}, is not on the ledger",
        FindingKind.OutdatedParent =>
            $"outdated  {finding.Record.Key}: derived from a version of {finding.ParentRecord?.Key} that has been " +
            $"replaced since (tx {Tables.Short(finding.Parent.Value)})",
        FindingKind.Elsewhere =>
            $"elsewhere {finding.Record.Key}: its content is not in a store of this client ({finding.Record.Location})",
        _ => $"unknown   {finding.Record.Key}: its checksum ({finding.Record.ChecksumAlgorithm}) cannot be " +
            "computed here",
    };

    private static string Content(ContentCheck check) =>
        $"          file      {check.Path}\n" +
        $"          expected  {check.Expected}\n" +
        $"          found     {(check.Found is { } found ? found.ToString() : "no file")}";

    private static string ShortTime(string timestamp) =>
        timestamp.Length < 19 ? timestamp : timestamp[..19].Replace('T', ' ');
}
