using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;
using Node.Client.Spooling;
using Node.Protocol;

namespace Node.Cli.Commands.Spooling;

/// <summary><c>spool forward</c>: brings the journal to the ledger.</summary>
internal static class SpoolForwardCommand
{
    private static readonly Option<bool> s_follow = new("--follow", "-f")
    {
        Description = "Keep on: wait for more entries, and for peers that are not reachable",
    };

    private static readonly Option<int> s_batch = new("--batch")
    {
        Description = "Entries in one transaction",
        HelpName = "N",
        DefaultValueFactory = _ => Limits.JournalBatchEntriesMax,
    };

    private static readonly Option<bool> s_noContent = new("--no-content")
    {
        Description = "Leave content on the device, also where the spool was made with --location",
    };

    public static Verb Create() =>
        new Verb(
            "forward", "Bring the journal to the ledger: in order, each entry once",
            "spool forward --follow --dir ./hyperprov-data --user User1")
            .Takes(SpoolOptions.Spool, s_follow, s_batch, s_noContent)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        int batch = invocation.Get(s_batch);
        if (batch is < 1 or > Limits.JournalBatchEntriesMax)
            throw new CommandFault(
                ExitCode.Usage, $"--batch is from 1 to {Limits.JournalBatchEntriesMax}, not {batch}.");

        string folder = SpoolOptions.FolderOf(invocation);
        await using SpoolContent content = SpoolContent.Open(folder);
        bool isUploading = !content.IsLocal && !invocation.Get(s_noContent);
        using NetworkSession session = NetworkSession.Open(invocation, isUploading ? content.Location : null);
        Contract contract = session.ContractOf(NetworkSession.DefaultChannel, NetworkSession.DefaultContract);
        var forwarder = new JournalForwarder(contract, folder, invocation.Console.Clock);
        var options = new ForwardOptions
        {
            Follow = invocation.Get(s_follow),
            BatchEntries = batch,
            Stores = isUploading ? session.Stores : null,
            Progress = new ProgressText(invocation),
        };
        ulong onLedger = await forwarder.RunAsync(options, cancellation);
        SpoolStatus status = SpoolStatus.Read(folder);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { status.Journal, OnLedger = onLedger, status.Sequence });
        else
            invocation.Console.Output.WriteLine(
                $"the ledger has the journal {status.Journal} up to entry " +
                onLedger.ToString(CultureInfo.InvariantCulture));
        return ExitCode.Ok;
    }

    /// <summary>Said at once and in order, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class ProgressText(Invocation invocation) : IProgress<ForwardProgress>
    {
        public void Report(ForwardProgress value) => invocation.Progress.Say(
            value.Waiting ?? string.Create(
                CultureInfo.InvariantCulture, $"{value.OnLedger} of {value.Sequence} entries are on the ledger"));
    }
}
