using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;
using Node.Client.Spooling;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Cli.Commands.Spooling;

/// <summary><c>spool init|add|status|verify|forward|renew|log</c>: records of a device that is alone.</summary>
internal static class SpoolCommands
{
    private static readonly Option<bool> s_content = new("--content")
    {
        Description = "Hold the content in the spool's own store against its checksums too",
    };

    private static readonly Option<bool> s_offline = new("--offline")
    {
        Description = "Do not ask the ledger",
    };

    private static readonly Option<ulong> s_from = new("--from")
    {
        Description = "The first entry to show",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<int> s_count = new("--count")
    {
        Description = "How many entries to show",
        HelpName = "N",
        DefaultValueFactory = _ => int.MaxValue,
    };

    public static Command Create() => new("spool", "Keep records on a device that is alone, and forward them later")
    {
        new Verb(
            "init", "Make a spool, and open its journal as this device",
            "spool init --spool /var/lib/sensor7 --msp ./sensor7/msp --msp-id Org1MSP")
            .Takes(SpoolOptions.Spool, SpoolOptions.Msp, SpoolOptions.MspId, SpoolOptions.Location)
            .Runs(CreateAsync),
        SpoolAddCommand.Create(),
        new Verb("status", "Show how far the journal goes, and how far the ledger has it", "spool status --json")
            .Takes(SpoolOptions.Spool, s_offline)
            .Runs(ShowStatusAsync),
        new Verb(
            "verify", "Check every byte of the journal, without a network: order, links, times, signatures",
            "spool verify --content")
            .Takes(SpoolOptions.Spool, s_content)
            .Runs(VerifyAsync),
        SpoolForwardCommand.Create(),
        new Verb(
            "renew", "Go on with a new certificate of the same device",
            "spool renew --msp ./sensor7-renewed/msp --msp-id Org1MSP")
            .Takes(SpoolOptions.Spool, SpoolOptions.Msp, SpoolOptions.MspId)
            .Runs(Renew),
        new Verb("log", "List the journal's entries", "spool log --from 100 --count 20")
            .Takes(SpoolOptions.Spool, s_from, s_count)
            .Runs(ShowLog),
    };

    private static async Task<ExitCode> CreateAsync(Invocation invocation, CancellationToken cancellation)
    {
        (MspId mspId, string folder) = DeviceIdentity.Locate(invocation);
        string target = SpoolOptions.FolderOf(invocation);
        using (Spool spool = Spool.Create(target, mspId, folder, invocation.Console.Clock))
        {
            if (invocation.Get(SpoolOptions.Location) is { } location)
                await SpoolContent.SetLocationAsync(target, await SpellAsync(invocation, location), cancellation);
            invocation.Progress.Say($"Opened the journal {spool.Journal} in {target}");
        }

        ShowStatus(invocation, SpoolStatus.Read(target), onLedger: null, ledger: "not asked");
        return ExitCode.Ok;
    }

    /// <summary>As the store itself spells its location, which is what the forwarder compares with.</summary>
    private static async Task<string> SpellAsync(Invocation invocation, string location)
    {
        await using IContentStore store = ContentStores.Open(location, invocation.Console.Clock);
        return store.Location;
    }

    private static Task<ExitCode> Renew(Invocation invocation, CancellationToken cancellation)
    {
        (MspId mspId, string folder) = DeviceIdentity.Locate(invocation);
        string target = SpoolOptions.FolderOf(invocation);
        using (Spool spool = Spool.Open(target, invocation.Console.Clock))
            spool.Renew(mspId, folder);
        ShowStatus(invocation, SpoolStatus.Read(target), onLedger: null, ledger: "not asked");
        return Task.FromResult(ExitCode.Ok);
    }

    private static async Task<ExitCode> ShowStatusAsync(Invocation invocation, CancellationToken cancellation)
    {
        string folder = SpoolOptions.FolderOf(invocation);
        SpoolStatus status = SpoolStatus.Read(folder);
        ulong? onLedger = null;
        string ledger = "not asked";
        bool isNetworkKnown = File.Exists(Path.Combine(
            invocation.Folder, Node.Membership.Topology.NetworkTopology.FileName));
        if (isNetworkKnown && !invocation.Get(s_offline))
            (onLedger, ledger) = await AskAsync(invocation, folder, cancellation);
        ShowStatus(invocation, status, onLedger, ledger);
        return ExitCode.Ok;
    }

    private static async Task<(ulong? OnLedger, string Ledger)> AskAsync(
        Invocation invocation, string folder, CancellationToken cancellation)
    {
        try
        {
            using NetworkSession session = NetworkSession.Open(invocation);
            Contract contract = session.ContractOf(NetworkSession.DefaultChannel, NetworkSession.DefaultContract);
            var forwarder = new JournalForwarder(contract, folder, invocation.Console.Clock);
            ulong? onLedger = await forwarder.FindOnLedgerAsync(cancellation);
            return (onLedger, onLedger is null ? "knows nothing of it" : "reachable");
        }
        catch (Exception e) when (e is PeerUnreachableException or GatewayException)
        {
            return (null, $"not reachable ({e.Message})");
        }
    }

    private static void ShowStatus(Invocation invocation, SpoolStatus status, ulong? onLedger, string ledger)
    {
        ulong? forwarded = onLedger ?? status.Forwarded;
        ulong waiting = status.Sequence + 1 - (forwarded + 1 ?? 0);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                status.Folder,
                status.Journal,
                MspId = status.MspId.Value,
                status.EnrollmentId,
                status.Sequence,
                Forwarded = forwarded,
                Waiting = waiting,
                status.Opened,
                status.Last,
                status.Bytes,
                CertificateNotAfter = status.NotAfter,
                Ledger = ledger,
            });
            return;
        }

        Tables.ShowFacts(
            invocation.Console,
            ("folder", status.Folder),
            ("journal", status.Journal.ToString()),
            ("device", $"{status.EnrollmentId} of {status.MspId}"),
            ("records", Number(status.Sequence)),
            ("forwarded", forwarded is { } last ? $"up to entry {Number(last)}" : "nothing"),
            ("waiting", Number(waiting)),
            ("opened", Text(status.Opened)),
            ("last entry", Text(status.Last)),
            ("bytes", Number((ulong)status.Bytes)),
            ("certificate", Expiry(invocation, status)),
            ("ledger", ledger));
    }

    private static async Task<ExitCode> VerifyAsync(Invocation invocation, CancellationToken cancellation)
    {
        SpoolReport report = await SpoolVerification.RunAsync(
            SpoolOptions.FolderOf(invocation), invocation.Get(s_content), cancellation);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { report.Passed, report.Journal, report.Entries, report.Findings });
        }
        else
        {
            foreach (SpoolFinding finding in report.Findings)
            {
                string entry = finding.Sequence is { } sequence ? $"entry {Number(sequence)}: " : "";
                invocation.Console.Output.WriteLine($"{entry}{finding.Message}  ({finding.Place})");
            }

            invocation.Console.Output.WriteLine(report.Passed
                ? $"{Number(report.Entries)} entries of the journal {report.Journal} are as they were recorded"
                : $"{report.Findings.Count} findings; the journal is not what was recorded");
        }

        return report.Passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static Task<ExitCode> ShowLog(Invocation invocation, CancellationToken cancellation)
    {
        IEnumerable<JournalEntry> entries = SpoolStatus
            .Entries(SpoolOptions.FolderOf(invocation), invocation.Get(s_from))
            .Take(int.Max(0, invocation.Get(s_count)));
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, entries.Select(Describe));
            return Task.FromResult(ExitCode.Ok);
        }

        foreach (JournalEntry entry in entries)
        {
            cancellation.ThrowIfCancellationRequested();
            string what = entry.Record?.Key ?? $"({(entry.Sequence == 0 ? "opening" : "renewed certificate")})";
            invocation.Console.Output.WriteLine(
                $"{Number(entry.Sequence)}  {Text(entry.Place.Time)}  {entry.RecordId}  {what}");
        }

        return Task.FromResult(ExitCode.Ok);
    }

    private static object Describe(JournalEntry entry) => new
    {
        entry.Sequence,
        Kind = entry.Kind,
        entry.RecordId,
        OriginalTime = entry.Place.Time,
        ClockBehind = entry.Place.IsClockBehind,
        entry.Record?.Key,
        entry.Record?.Hash,
        entry.Record?.Algorithm,
        entry.Record?.Location,
        entry.Record?.Pointer,
        entry.Record?.Description,
        entry.Record?.Type,
        entry.Record?.Parents,
    };

    private static string Expiry(Invocation invocation, SpoolStatus status) =>
        status.NotAfter < invocation.Console.Clock.GetUtcNow()
            ? $"expired on {Text(status.NotAfter)}: renew it (spool renew), or have an admin of {status.MspId} forward"
            : $"in force until {Text(status.NotAfter)}";

    private static string Text(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
