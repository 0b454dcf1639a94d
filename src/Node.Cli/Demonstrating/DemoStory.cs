using System.Globalization;
using System.Text;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;
using Spectre.Console;

namespace Node.Cli.Demonstrating;

/// <summary>Records real data with its origin, proves it, and catches one altered byte.</summary>
/// <remarks>
/// May be told again on the same ledger: what is recorded already stays, the rest becomes another version. Ends with
/// the
/// stored files as they were.
/// </remarks>
internal sealed class DemoStory(Invocation invocation, NetworkSession observatory, NetworkSession institute)
{
    private const string ClimateKey = "weather/climate";
    private const string CorrectedMonth = "2013-09";
    private const string CorrectedDay = "2013-09-28";
    private const int PrecipitationColumn = 1;

    private readonly CliConsole _console = invocation.Console;
    private readonly ProvenanceClient _observers = observatory.Provenance;
    private readonly ProvenanceClient _analysts = institute.Provenance;

    private static string MonthKey(string month) => $"weather/month/{month}";

    private static string YearKey(string year) => $"weather/year/{year}";

    /// <exception cref="CommandFault">Something did not go as told.</exception>
    public async Task TellAsync(string csv, CancellationToken cancellation)
    {
        IReadOnlyList<(string Month, string Csv)> months = WeatherTable.SplitIntoMonths(csv);
        await RecordMonthsAsync(months, cancellation);
        await DeriveAsync(months, cancellation);
        await CorrectOneMonthAsync(months, cancellation);
        await ShowLineageAsync(cancellation);
        await ShowHistoryAndRangeAsync(cancellation);
        await VerifyAllAsync(cancellation);
        await CatchAlterationAsync(cancellation);
    }

    private async Task RecordMonthsAsync(
        IReadOnlyList<(string Month, string Csv)> months, CancellationToken cancellation)
    {
        Chapter("Recording the observations of each month");
        int written = 0;
        TxId last = default;
        await invocation.Progress.WhileAsync("Recording months", async say =>
        {
            foreach ((string month, string content) in months)
            {
                say($"Recording {MonthKey(month)} ({Text(written)} of {Text(months.Count)})");
                var options = new PutOptions { Description = $"Seattle, daily observations of {month}" };
                PutResult put = await _observers.PutAsync(MonthKey(month), Content(content), options, cancellation);
                last = put.TransactionId;
                written++;
            }
        });
        Tell($"{Text(written)} months, each a file in {_observers.Stores.Default.Location} and a record endorsed by " +
            "both organisations");
        await UntilSeenAsync(institute, last, cancellation);
    }

    private async Task DeriveAsync(IReadOnlyList<(string Month, string Csv)> months, CancellationToken cancellation)
    {
        Chapter("Deriving summaries, with their origin");
        var summaries = new List<(string Year, string Csv)>();
        foreach (IGrouping<string, (string Month, string Csv)> year in months
            .GroupBy(month => month.Month[..4], StringComparer.Ordinal))
        {
            string summary = WeatherTable.SummarizeYear(year);
            summaries.Add((year.Key, summary));
            await _analysts.PutAsync(
                YearKey(year.Key), Content(summary),
                new PutOptions
                {
                    Description = $"Seattle, summary of {year.Key}",
                    DependsOn = [.. year.Select(month => MonthKey(month.Month))],
                },
                cancellation);
            Tell($"{YearKey(year.Key)} from {Text(year.Count())} months");
        }

        PutResult climate = await _analysts.PutAsync(
            ClimateKey, Content(WeatherTable.SummarizeClimate([.. summaries.Select(summary => summary.Csv)])),
            new PutOptions
            {
                Description = "Seattle, climate table of 2012 to 2015",
                DependsOn = [.. summaries.Select(summary => YearKey(summary.Year))],
            },
            cancellation);
        Tell($"{ClimateKey} from {Text(summaries.Count)} years");
        await UntilSeenAsync(observatory, climate.TransactionId, cancellation);
    }

    private async Task CorrectOneMonthAsync(
        IReadOnlyList<(string Month, string Csv)> months, CancellationToken cancellation)
    {
        Chapter($"Correcting one month: a second version of {MonthKey(CorrectedMonth)}");
        string before = months.First(month => month.Month == CorrectedMonth).Csv;
        string after = WeatherTable.Correct(before, CorrectedDay, PrecipitationColumn, "44.3");
        await _observers.PutAsync(
            MonthKey(CorrectedMonth), Content(after),
            new PutOptions { Description = $"Corrected: rain gauge reading of {CorrectedDay}" },
            cancellation);
        Tell("the first version stays on the ledger; what was derived from it is now known to be outdated");
    }

    private async Task ShowLineageAsync(CancellationToken cancellation)
    {
        const int Width = 4;
        Chapter($"Where {ClimateKey} comes from  (./hyperprov lineage {ClimateKey})");
        LineageGraph lineage = await new RecordGraphs(_observers)
            .OfAsync(ClimateKey, LineageDirection.Up, depth: -1, asOf: null, cancellation);
        LineageView.Show(_console, lineage, Width);
        int outdated = lineage.Records.Count(record => record.IsOutdated);
        Require(outdated > 0, "the corrected month should show as an outdated parent");
        Tell($"{Text(lineage.Records.Count())} records on three levels, {Text(outdated)} outdated");
    }

    private async Task ShowHistoryAndRangeAsync(CancellationToken cancellation)
    {
        Chapter($"All versions of the corrected month  (./hyperprov history {MonthKey(CorrectedMonth)})");
        var versions = new List<ProvenanceRecord>();
        await foreach (ProvenanceRecord record in _observers.HistoryAsync(
            MonthKey(CorrectedMonth), newestFirst: false, cancellation))
            versions.Add(record);

        RecordView.ShowMany(_console, versions);
        Require(versions.Count >= 2, "the corrected month should have two versions");

        Chapter("A range of keys  (./hyperprov range weather/month/2013-08 weather/month/2013-11)");
        (IReadOnlyList<ProvenanceRecord> page, _) = await _observers.RangePageAsync(
            MonthKey("2013-08"), MonthKey("2013-11"), pageSize: 10, bookmark: "", cancellation);
        RecordView.ShowMany(_console, page);
        Require(page.Count == 3, "the range should hold three months");
    }

    private async Task VerifyAllAsync(CancellationToken cancellation)
    {
        Chapter("Verifying every stored file against the ledger  (./hyperprov verify)");
        VerificationReport report = await VerificationReport.CollectAsync(
            _observers, [], invocation.Progress, cancellation);
        report.Show(_console, verbose: false);
        Require(report.Passed, "every file was just stored, so verification should pass");
    }

    private async Task CatchAlterationAsync(CancellationToken cancellation)
    {
        ProvenanceRecord victim = await _observers.FindAsync(MonthKey("2014-02"), cancellation);
        Client.Storing.Checksum checksum = victim.Checksum!;
        string path = Path.Combine(new Uri(victim.Location).LocalPath, victim.Pointer);
        Chapter($"Somebody alters one byte of one stored file: {path}");
        byte[] original = await File.ReadAllBytesAsync(path, cancellation);
        byte[] altered = [.. original];
        altered[altered.Length / 2] ^= 1;
        try
        {
            await File.WriteAllBytesAsync(path, altered, cancellation);
            VerificationReport report = await VerificationReport.CollectAsync(
                _observers, [ClimateKey], invocation.Progress, cancellation);
            report.Show(_console, verbose: false);
            Finding[] failures = [.. report.Failures];
            Require(
                failures.Length == 1 && failures[0].Check?.Path == path && failures[0].Check?.Expected == checksum,
                "verify should name exactly the altered file");
            Tell($"verify ends with exit code {Text((int)ExitCode.VerificationFailed)} and names the file, the " +
                "expected and the found checksum");
        }
        finally
        {
            await File.WriteAllBytesAsync(path, original, CancellationToken.None);
        }

        ContentCheck check = await ContentVerification.CheckAsync(path, checksum, cancellation);
        Require(check.State == ContentState.Intact, "the restored file should be intact");
        Tell("the byte is put back: the file is as recorded again");
    }

    // Each reads its own organisation's peer, which may commit a block a moment after the other one.
    private static async Task UntilSeenAsync(NetworkSession reader, TxId id, CancellationToken cancellation) =>
        await reader.NetworkOf(NetworkSession.DefaultChannel).GetCommit(id).GetStatusAsync(cancellation);

    private void Chapter(string title)
    {
        _console.Output.WriteLine();
        _console.Screen.MarkupLine($"[bold blue]{Tables.Escape(title)}[/]");
    }

    private void Tell(string line) => _console.Screen.MarkupLine($"  [green]ok[/] {Tables.Escape(line)}");

    private static void Require(bool asTold, string expected)
    {
        if (!asTold)
            throw new CommandFault(ExitCode.VerificationFailed, $"the demo did not go as told: {expected}.");
    }

    private static MemoryStream Content(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
