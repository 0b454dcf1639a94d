using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;
using Node.Ledger;
using Node.Ledger.Pruning;
using Node.Protocol;

namespace Node.Cli.Commands.Ledgers;

/// <summary>
/// <c>ledger prune</c>: removes the bodies of old blocks, of a peer that runs by asking it, of a stopped one directly.
/// </summary>
internal static class PruneCommand
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(250);
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private static readonly Option<ulong?> s_keep = new("--keep")
    {
        Description = "Keep the newest so many blocks whole",
        HelpName = "BLOCKS",
    };

    private static readonly Option<int?> s_keepDays = new("--keep-days")
    {
        Description = "Keep blocks whole from the first one on with a transaction of the last so many days",
        HelpName = "DAYS",
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "Only say what would be removed",
    };

    public static Verb Create() =>
        new Verb(
            "prune", "Remove bodies of old blocks; state, history, headers, receipts and proofs stay",
            "ledger prune --keep 1000 --peer peer0.org1.example.com")
            .Takes(
                s_keep, s_keepDays, s_dryRun, ContractOptions.Channel, PeerPlace.PeerOption, PeerPlace.NodeOption)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        ulong? blocks = invocation.Get(s_keep);
        int? days = invocation.Get(s_keepDays);
        if (blocks is null == days is null || blocks is 0 || days is < 0)
        {
            throw new CommandFault(
                ExitCode.Usage, "say what to keep: either --keep BLOCKS, at least 1, or --keep-days DAYS.");
        }

        PeerPlace peer = PeerPlace.Find(invocation);
        ChannelId channel = NetworkSession.ParseChannel(invocation.Get(ContractOptions.Channel)!);
        string ledger = peer.LedgerFolder(channel);
        if (!Directory.Exists(ledger))
        {
            throw new CommandFault(
                ExitCode.NotFound, $"{peer.Name} has no ledger of {channel}: there is no folder {ledger}.");
        }

        DateTimeOffset since = invocation.Console.Clock.GetUtcNow().AddDays(-(days ?? 0));
        PruneRule rule = blocks is { } count ? PruneRule.KeepNewest(count) : PruneRule.KeepSince(since);
        string[] asked = blocks is { } kept
            ? ["blocks", kept.ToString(CultureInfo.InvariantCulture)]
            : ["since", since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)];
        bool isDryRun = invocation.Get(s_dryRun);
        PruneReport report = await invocation.Progress.WhileAsync($"Pruning {channel} of {peer.Name}", say =>
            isDryRun ? Task.Run(() => LedgerPrune.Plan(ledger, rule, cancellation), cancellation)
            : peer.IsRunning ? AskAsync(invocation, channel, asked, say, cancellation)
            : Task.Run(() => Prune(ledger, channel, rule, say, cancellation), cancellation));
        cancellation.ThrowIfCancellationRequested();
        Show(invocation, peer, channel, report, isDryRun);
        return ExitCode.Ok;
    }

    private static PruneReport Prune(
        string folder, ChannelId channel, PruneRule rule, Action<string> say, CancellationToken cancellation)
    {
        using ChannelLedger ledger = ChannelLedger.Open(folder, channel, LedgerOptions.Default);
        return ledger.Prune(
            rule, new System.Progress<PruneProgress>(at => say(Removed(at.Blocks))), cancellation);
    }

    private static async Task<PruneReport> AskAsync(
        Invocation invocation, ChannelId channel, string[] asked, Action<string> say, CancellationToken cancellation)
    {
        using Gateway gateway = PeerPlace.ConnectAsAdministrator(invocation);
        Contract peer = gateway.GetNetwork(channel).GetContract("cscc");
        using var timer = new PeriodicTimer(s_pollEvery, invocation.Console.Clock);
        PruneAnswer state = Read(await peer.EvaluateAsync(
            "PruneLedger", [channel.Value, .. asked], cancellation));
        while (state.IsRunning && await timer.WaitForNextTickAsync(cancellation))
        {
            say(Removed(state.Blocks));
            state = Read(await peer.EvaluateAsync("PruneState", [channel.Value], cancellation));
        }

        return state.Report ?? throw new CommandFault(ExitCode.Local, state.Fault ?? "the peer told no result.");
    }

    private static PruneAnswer Read(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize<PruneAnswer>(json.Span, s_json)
        ?? throw new CommandFault(ExitCode.Local, "the peer was started anew meanwhile; run the command again.");

    private static string Removed(ulong blocks) =>
        string.Create(CultureInfo.InvariantCulture, $"{blocks} bodies of blocks removed");

    private static void Show(
        Invocation invocation, PeerPlace peer, ChannelId channel, PruneReport report, bool isDryRun)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                Peer = peer.Name,
                Channel = channel.Value,
                DryRun = isDryRun,
                report.Height,
                report.FirstHeldBefore,
                report.FirstHeld,
                report.BlocksPruned,
                report.BodyBytes,
                report.DiskBytesBefore,
                report.DiskBytes,
            });
            return;
        }

        Tables.ShowFacts(
            invocation.Console,
            ("peer", peer.Name),
            ("height", Text(report.Height)),
            (isDryRun ? "would remove" : "removed", $"{Text(report.BlocksPruned)} bodies of blocks"),
            ("first whole block", Text(report.FirstHeld)),
            ("disk", isDryRun
                ? $"{Text(report.DiskBytes)} bytes; the bodies have {Text(report.BodyBytes)} uncompressed"
                : $"{Text(report.DiskBytes)} bytes, before {Text(report.DiskBytesBefore)}"));
    }

    private static string Text(IFormattable number) => number.ToString(format: null, CultureInfo.InvariantCulture);

    /// <summary>What a peer answers: docs/formats.md has no more to say of it than its names do.</summary>
    private sealed record PruneAnswer(bool IsRunning, ulong Blocks, PruneReport? Report, string? Fault);
}
