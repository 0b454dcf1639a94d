using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Following;
using Node.Client.Recording;
using Node.Protocol;
using Node.Protocol.Wire.Peer;
using Spectre.Console;

namespace Node.Cli.Commands.Proving;

/// <summary>One block of <c>watch</c>: a line with its records below, or one line of JSON.</summary>
internal static class WatchView
{
    private static readonly JsonSerializerOptions s_lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Show(Invocation invocation, LightBlock block, IReadOnlyList<BlockTransaction> transactions)
    {
        if (invocation.Json)
            ShowJson(invocation.Console, block, transactions);
        else
            ShowText(invocation.Console, block, transactions);
    }

    private static void ShowText(CliConsole console, LightBlock block, IReadOnlyList<BlockTransaction> transactions)
    {
        string signed = block.Signers.Count == 0 ? "genesis" : "signed by " + string.Join(", ", block.Signers);
        string what = block.CarriesConfiguration
            ? "configuration"
            : transactions.Count == 1
                ? "1 transaction"
                : string.Create(CultureInfo.InvariantCulture, $"{transactions.Count} transactions");
        string hash = Tables.Short(block.Hash.ToString());
        console.Output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"block {block.Number}  {hash}  {what}  {signed}"));
        foreach (BlockTransaction transaction in transactions)
        {
            if (transaction.Code != TxValidationCode.Valid)
                ShowInvalid(console, transaction);
            else if (transaction.Records.Count == 0 && transaction.Contract.Length > 0)
                console.Output.WriteLine($"  {transaction.Contract}  {transaction.Id}");
            else
                ShowRecords(console, transaction);
        }
    }

    private static void ShowInvalid(CliConsole console, BlockTransaction transaction)
    {
        string why = TxValidationCodeText.Of(transaction.Code).Words;
        console.Screen.MarkupLine($"  [red]invalid[/]  {transaction.Id}  {Markup.Escape(why)}");
    }

    private static void ShowRecords(CliConsole console, BlockTransaction transaction)
    {
        foreach (ProvenanceRecord record in transaction.Records)
            console.Output.WriteLine(
                $"  recorded  {record.Key}  {Tables.Short(record.Hash)}  by {record.EnrollmentId} of {record.MspId}  " +
                record.TransactionId);
    }

    private static void ShowJson(CliConsole console, LightBlock block, IReadOnlyList<BlockTransaction> transactions) =>
        console.Output.WriteLine(JsonSerializer.Serialize(
            new
            {
                Block = block.Number,
                Hash = block.Hash.ToString(),
                TransactionsRoot = block.TransactionsRoot.ToString(),
                ChainRoot = block.ChainRoot.ToString(),
                Configuration = block.CarriesConfiguration,
                block.Signers,
                Transactions = transactions.Select(transaction => new
                {
                    TransactionId = transaction.Id.Value,
                    transaction.Code,
                    transaction.Contract,
                    Records = transaction.Records.Select(record => new
                    {
                        record.Key,
                        RecordId = record.TransactionId.Value,
                        record.Hash,
                        record.ChecksumAlgorithm,
                        record.EnrollmentId,
                        record.MspId,
                        record.Timestamp,
                    }),
                }),
            },
            s_lines));
}
