using System.CommandLine;
using System.Globalization;
using Node.Cli.Inspecting;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Spectre.Console;

namespace Node.Cli.Commands.Ledgers;

/// <summary><c>tx TXID</c>: a transaction, its verdict in words, its endorsers, reads and writes.</summary>
internal static class TransactionCommand
{
    private static readonly Argument<string> s_id = new("TXID")
    {
        Description = "The id of a transaction, or of one of its records: 64 hex digits",
    };

    public static Verb Create() =>
        new Verb(
            "tx", "Show a transaction: its verdict in words, endorsers, reads and writes",
            "tx 5f0c…  (an id from put or history)")
            .Takes(s_id, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string text = invocation.Get(s_id).ToLowerInvariant();
        if (!TxId.TryParse(text, out TxId id, out string? fault))
            throw new CommandFault(ExitCode.Usage, $"{fault}. Take one from put or history.");

        using NetworkSession session = NetworkSession.Open(invocation);
        id = await session.Provenance.FindTransactionAsync(id.Value, cancellation);
        var ledger = new LedgerQueries(session, invocation.Get(ContractOptions.Channel)!);
        ProcessedTransaction found = await ledger.TransactionAsync(id.Value, cancellation);
        (Block block, _) = await ledger.BlockOfTransactionAsync(id.Value, cancellation);
        int index = BlockDescription.IndexOf(block, id.Value);
        var description = TransactionDescription.Of(
            found.TransactionEnvelope ?? new Envelope(), (TxValidationCode)found.ValidationCode);
        if (invocation.Json)
            JsonView.Write(
                invocation.Console, new { Block = block.Header.Number, Index = index, Transaction = description });
        else
            Show(invocation.Console, description, block.Header.Number, index);

        return ExitCode.Ok;
    }

    private static void Show(CliConsole console, TransactionDescription transaction, ulong block, int index)
    {
        string color = transaction.NextStep is null ? "green" : "red";
        console.Screen.MarkupLine($"[{color}]{Tables.Escape($"{transaction.Code}: {transaction.Verdict}")}[/]");
        Tables.ShowFacts(
            console,
            ("what to do", transaction.NextStep ?? ""),
            ("transaction", transaction.TransactionId),
            ("block", string.Create(CultureInfo.InvariantCulture, $"{block}, transaction {index}")),
            ("channel", transaction.Channel),
            ("type", transaction.Type),
            ("time", transaction.Time),
            ("creator", transaction.Creator),
            ("contract", $"{transaction.Contract} {transaction.Version}".Trim()),
            ("call", Call(transaction)),
            ("response", transaction.Response),
            ("endorsers", string.Join('\n', transaction.Endorsers)),
            ("event", transaction.Event));
        ShowReadsAndWrites(console, transaction);
    }

    private static void ShowReadsAndWrites(CliConsole console, TransactionDescription transaction)
    {
        if (transaction.Reads.Count + transaction.Writes.Count + transaction.Ranges.Count == 0)
            return;

        var table = new TextTable("", "namespace", "key", "version read / value written");
        foreach (ReadDescription read in transaction.Reads)
            table.Add("read", read.Namespace, read.Key, read.Version ?? "not there");

        foreach (string range in transaction.Ranges)
            table.Add("range", "", range, "");

        foreach (WriteDescription write in transaction.Writes)
            table.Add(write.IsDelete ? "delete" : "write", write.Namespace, write.Key, write.Value);

        table.Show(console);
    }

    private static string Call(TransactionDescription transaction) =>
        transaction.Function.Length == 0
            ? ""
            : $"{transaction.Function}({string.Join(", ", transaction.Arguments)})";
}
