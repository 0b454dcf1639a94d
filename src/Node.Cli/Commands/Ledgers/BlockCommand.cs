using System.CommandLine;
using System.Globalization;
using Node.Cli.Inspecting;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Cli.Commands.Ledgers;

/// <summary><c>block N|latest</c>: a block with what it commits to.</summary>
internal static class BlockCommand
{
    private const string Latest = "latest";

    private static readonly Argument<string> s_number = new("NUMBER")
    {
        Description = "A block number, or latest",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => Latest,
    };

    public static Verb Create() =>
        new Verb("block", "Show a block: hashes, commitment, signatures and its transactions", "block latest")
            .Takes(s_number, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string text = invocation.Get(s_number);
        ulong number = 0;
        if (text != Latest && !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            throw new CommandFault(ExitCode.Usage, $"a block is a number or 'latest', not \"{text}\".");

        using NetworkSession session = NetworkSession.Open(invocation);
        var ledger = new LedgerQueries(session, invocation.Get(ContractOptions.Channel)!);
        if (text == Latest)
            number = (await ledger.InformationAsync(cancellation)).Height - 1;

        (Block block, int bytes) = await ledger.BlockAsync(number, cancellation);
        BlockDescription description = BlockDescription.Of(block, bytes);
        if (invocation.Json)
            JsonView.Write(invocation.Console, description);
        else
            Show(invocation.Console, description);

        return ExitCode.Ok;
    }

    private static void Show(CliConsole console, BlockDescription block)
    {
        Tables.ShowFacts(
            console,
            ("block", block.Number.ToString(CultureInfo.InvariantCulture)),
            ("hash", block.Hash),
            ("previous hash", block.PreviousHash),
            ("data hash", block.DataHash),
            ("commit hash", block.CommitHash),
            ("transactions root", block.Commitment?.TransactionsRoot ?? ""),
            ("chain root", block.Commitment?.ChainRoot ?? ""),
            ("log position", block.Commitment?.LogPosition ?? ""),
            ("last config", $"block {block.LastConfig.ToString(CultureInfo.InvariantCulture)}"),
            ("signed by", string.Join('\n', block.Orderers)),
            ("size", $"{block.Bytes.ToString(CultureInfo.InvariantCulture)} bytes"));
        var table = new TextTable("#", "transaction", "type", "creator", "verdict");
        foreach (BlockTransaction transaction in block.Transactions)
        {
            string color = transaction.Code == nameof(TxValidationCode.Valid) ? "green" : "red";
            table.Add(
                transaction.Index.ToString(CultureInfo.InvariantCulture), transaction.TransactionId, transaction.Type,
                transaction.Creator, new TextTable.Cell(transaction.Verdict, color));
        }

        table.Show(console);
    }
}
