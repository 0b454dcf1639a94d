using System.Globalization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Ledger;
using Node.Peer.Auditing;
using Node.Protocol;
using Spectre.Console;

namespace Node.Cli.Auditing;

/// <summary>Verifies every peer's ledger below a folder, and compares those of one channel with each other.</summary>
internal static class LedgerVerification
{
    /// <returns>False when one of them is not what it should be.</returns>
    public static async Task<bool> RunAsync(string folder, Invocation invocation, CancellationToken cancellation)
    {
        var results = new List<(LedgerPlace Place, AuditReport Report)>();
        foreach (LedgerPlace place in LedgerPlaces.Find(folder, invocation))
            results.Add((place, await VerifyAsync(place, invocation, cancellation)));

        List<string> differences = DifferencesBetween(results);
        if (invocation.Json)
            ShowJson(invocation.Console, results, differences);
        else
            Show(invocation.Console, results, differences);

        return differences.Count == 0 && results.TrueForAll(result => result.Report.Fault is null);
    }

    private static Task<AuditReport> VerifyAsync(
        LedgerPlace place, Invocation invocation, CancellationToken cancellation) =>
        invocation.Progress.WhileAsync($"Verifying {place.Channel} of {place.Node}", say =>
        {
            var authority = new ChannelAuthority(place.GenesisHash);
            var progress = new System.Progress<AuditProgress>(at => say(string.Create(
                CultureInfo.InvariantCulture,
                $"Verifying {place.Channel} of {place.Node}: block {at.Blocks} of {at.Height}")));
            return Task.Run(() => Audit(place, authority, progress), cancellation);
        });

    private static AuditReport Audit(
        LedgerPlace place, ChannelAuthority authority, IProgress<AuditProgress> progress)
    {
        try
        {
            return LedgerAudit.Verify(place.Folder, authority, progress);
        }
        catch (LedgerCorruptException e)
        {
            return new AuditReport(place.Channel, 0, 0, CommitHash: null, new AuditFault(e.BlockNumber, e.What));
        }
        catch (StorageFailedException e)
        {
            throw new CommandFault(
                ExitCode.Local,
                $"{place.Folder} cannot be read as a peer's ledger: {e.Reason}. An orderer's store is none; it holds " +
                "the same blocks as the peers', so verify those.");
        }
    }

    // Peers of one channel may be at different heights; at the same height they agree on everything, or one is wrong.
    private static List<string> DifferencesBetween(List<(LedgerPlace Place, AuditReport Report)> results) =>
    [
        .. results
            .GroupBy(result => (result.Report.Channel, result.Report.Height))
            .Where(same => same.Select(result => result.Report.CommitHash).Distinct().Count() > 1)
            .Select(same => string.Create(
                CultureInfo.InvariantCulture,
                $"at height {same.Key.Height} of {same.Key.Channel} the peers' commit hashes differ: ") +
                string.Join(", ", same.Select(result => $"{result.Place.Node} has {result.Report.CommitHash}"))),
    ];

    private static void Show(
        CliConsole console, List<(LedgerPlace Place, AuditReport Report)> results, List<string> differences)
    {
        foreach ((LedgerPlace place, AuditReport report) in results)
        {
            string height = report.Height.ToString(CultureInfo.InvariantCulture);
            string line = report.Fault is { } fault
                ? $"BAD  {report.Channel} of {place.Node}: {BlockOf(fault)}{fault.What}"
                : $"ok   {report.Channel} of {place.Node}: {height} blocks, commit hash {report.CommitHash}" +
                    OutlinesOf(report);
            console.Screen.MarkupLine($"[{(report.Fault is null ? "green" : "red")}]{Tables.Escape(line)}[/]");
        }

        foreach (string difference in differences)
            console.Screen.MarkupLine($"[red]{Tables.Escape("BAD  " + difference)}[/]");
    }

    private static string OutlinesOf(AuditReport report)
    {
        if (report.FirstHeld == 0)
            return "";

        string why = report.Origin is { } origin
            ? string.Create(CultureInfo.InvariantCulture, $"began with a snapshot at height {origin.Height}")
            : "pruned";
        return string.Create(
            CultureInfo.InvariantCulture,
            $" ({why}: blocks before {report.FirstHeld} by headers and signatures alone, later ones replayed)");
    }

    private static string BlockOf(AuditFault fault) =>
        fault.Block is { } number ? $"block {number.ToString(CultureInfo.InvariantCulture)}: " : "";

    private static void ShowJson(
        CliConsole console, List<(LedgerPlace Place, AuditReport Report)> results, List<string> differences) =>
        JsonView.Write(console, new
        {
            Passed = differences.Count == 0 && results.TrueForAll(result => result.Report.Fault is null),
            Ledgers = results.Select(result => new
            {
                result.Place.Node,
                result.Report.Channel,
                result.Place.Folder,
                result.Report.Height,
                result.Report.BlocksChecked,
                CommitHash = result.Report.CommitHash?.ToString(),
                FirstWholeBlock = result.Report.FirstHeld,
                SnapshotHeight = result.Report.Origin?.Height,
                FirstBadBlock = result.Report.Fault?.Block,
                Fault = result.Report.Fault?.What,
            }),
            Differences = differences,
        });
}
