using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;
using Node.Client.Receipts;
using Node.Protocol;

namespace Node.Cli.Commands.Proving;

/// <summary><c>receipt KEY|TXID -o FILE</c>: a proof that anybody can verify later without this network.</summary>
internal static class ReceiptCommand
{
    private const string KeyPrefix = "key:";

    private static readonly Argument<string> s_subject = new("KEY|TXID")
    {
        Description = "A key (its newest record), a record's id or a transaction id; key:… where a key looks " +
            "like an id",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Write the receipt to this file",
        HelpName = "FILE",
        Required = true,
    };

    public static Verb Create() =>
        new Verb(
            "receipt", "Get a receipt: one file that proves a record offline, years later",
            "receipt report -o report.receipt")
            .Takes(s_subject, s_output, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string channel = invocation.Get(ContractOptions.Channel)!;
        using NetworkSession session = NetworkSession.Open(invocation);
        Hash32 genesis = GenesisOption.ReadFrom(invocation.Folder, channel);
        TxId id = await FindAsync(session, channel, invocation.Get(s_subject), cancellation);

        // What the peer gave has been verified against our own genesis block when it comes back.
        Network network = session.NetworkOf(channel);
        Receipt receipt = await network.GetReceiptAsync(id, genesis, cancellation);
        string path = invocation.Console.PathOf(invocation.Get(s_output)!);
        await File.WriteAllBytesAsync(path, receipt.Bytes, cancellation);

        ProvenTransaction proven = ReceiptVerification.Verify(receipt, genesis).Proven!;   // Verified just now.
        if (invocation.Json)
            JsonView.Write(invocation.Console, new
            {
                File = path, receipt.Bytes.Length, proven.TransactionId, proven.Block, GenesisHash = genesis,
                proven.Attesters,
            });
        else
            Show(invocation, path, receipt, proven, genesis);

        return ExitCode.Ok;
    }

    private static async Task<TxId> FindAsync(
        NetworkSession session, string channel, string subject, CancellationToken cancellation)
    {
        if (subject.StartsWith(KeyPrefix, StringComparison.Ordinal))
            return (await session.Provenance.FindAsync(subject[KeyPrefix.Length..], cancellation)).CommittedBy;

        // Records live on the default channel; on others, an id is a transaction's.
        bool isId = TxId.TryParse(subject, out TxId id, out _);
        return isId && channel != NetworkSession.DefaultChannel
            ? id
            : await session.Provenance.FindTransactionAsync(subject, cancellation);
    }

    private static void Show(
        Invocation invocation, string path, Receipt receipt, ProvenTransaction proven, Hash32 genesis)
    {
        Tables.ShowFacts(
            invocation.Console,
            ("receipt", path),
            ("size", string.Create(CultureInfo.InvariantCulture, $"{receipt.Bytes.Length} bytes")),
            ("transaction", proven.TransactionId.Value),
            ("block", string.Create(CultureInfo.InvariantCulture, $"{proven.Block}, transaction {proven.Index}")),
            ("records", string.Join('\n', proven.Records.Select(record => $"{record.Key}  {record.Hash}"))),
            ("attested by", string.Join('\n', proven.Attesters)),
            ("genesis hash", genesis.ToString()));
        invocation.Progress.Say(
            $"Verify it anywhere, without this network: ./hyperprov verify-receipt {Path.GetFileName(path)} " +
            "--genesis " +
            genesis);
    }
}
