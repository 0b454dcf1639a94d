using System.Globalization;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Storing;
using Spectre.Console;

namespace Node.Cli.Rendering;

/// <summary>Shows provenance records.</summary>
internal static class RecordView
{
    public static void ShowOne(CliConsole console, ProvenanceRecord record) =>
        Tables.Show(console, Tables.Facts(
            ("key", record.Key),
            ("transaction", record.TransactionId.Value),
            ("checksum", $"{record.ChecksumAlgorithm} {record.Hash}"),
            ("location", record.Location),
            ("pointer", record.Pointer),
            ("type", record.Type),
            ("description", record.Description),
            ("derived from", string.Join('\n', record.Parents)),
            ("recorded by", $"{record.EnrollmentId} of {record.MspId}"),
            ("certificate", record.Fingerprint),
            ("time", record.Timestamp),
            (
                "block",
                string.Create(CultureInfo.InvariantCulture, $"{record.Block}, transaction {record.Transaction}"))));

    public static void ShowMany(CliConsole console, IReadOnlyList<ProvenanceRecord> records)
    {
        Table table = Tables.New(
            console, "key", "block", "time", "by", "type", "parents", "checksum", "transaction", "description");
        foreach (ProvenanceRecord record in records)
        {
            table.AddRow(
                new Text(record.Key),
                new Text(record.Block.ToString(CultureInfo.InvariantCulture)),
                new Text(ShortTime(record.Timestamp)),
                new Text($"{record.EnrollmentId}@{record.MspId}"),
                new Text(record.Type),
                new Text(record.Parents.Count.ToString(CultureInfo.InvariantCulture)),
                new Text(Tables.Short(record.Hash)),
                new Text(Tables.Short(record.TransactionId.Value)),
                new Text(record.Description));
        }

        Tables.Show(console, table);
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
            $"outdated  {finding.Record.Key}: derived from a version that has been replaced since (transaction " +
            $"{finding.Parent})",
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
