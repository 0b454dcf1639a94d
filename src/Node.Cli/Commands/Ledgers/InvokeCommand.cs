using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client;

namespace Node.Cli.Commands.Ledgers;

/// <summary><c>invoke</c> and <c>query</c>: any function of any contract.</summary>
internal static class InvokeCommand
{
    private static readonly Argument<string> s_function = new("FUNCTION")
    {
        Description = "A function of the contract",
    };

    private static readonly Argument<string[]> s_arguments = new("ARGUMENT")
    {
        Description = "Its arguments",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> s_endorsers = new("--endorsers")
    {
        Description = "MSP ids whose peers are to endorse; default: as the contract's policy asks",
        HelpName = "MSPID",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Verb CreateInvoke() =>
        new Verb(
            "invoke", "Submit a transaction to a contract and wait until it is committed",
            "invoke set mykey 9f86d081 file:///data report.csv")
            .Takes(s_function, s_arguments, s_endorsers, ContractOptions.Contract, ContractOptions.Channel)
            .Runs(InvokeAsync);

    public static Verb CreateQuery() =>
        new Verb("query", "Evaluate a function on one peer; nothing is written", "query get mykey")
            .Takes(s_function, s_arguments, ContractOptions.Contract, ContractOptions.Channel)
            .Runs(QueryAsync);

    private static async Task<ExitCode> InvokeAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        var options = new ProposalOptions
        {
            Arguments = Array.ConvertAll(invocation.GetAll(s_arguments), Encode),
            EndorsingOrganizations = invocation.Get(s_endorsers) ?? [],
        };
        SubmittedTransaction submitted = await ContractOf(invocation, session)
            .StartSubmitAsync(invocation.Get(s_function), options, cancellation);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation);
        status.RequireValid();
        if (invocation.Json)
            JsonView.Write(invocation.Console, new
            {
                status.TransactionId,
                Block = status.BlockNumber,
                Code = status.Code.ToString(),
                Result = Text(submitted.Result),
            });
        else
            ShowCommit(invocation, submitted, status);

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> QueryAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        ReadOnlyMemory<byte> result = await ContractOf(invocation, session)
            .EvaluateAsync(invocation.Get(s_function), invocation.GetAll(s_arguments), cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Result = Text(result) });
        else
            invocation.Console.Output.WriteLine(Text(result));

        return ExitCode.Ok;
    }

    private static void ShowCommit(Invocation invocation, SubmittedTransaction submitted, CommitStatus status)
    {
        Tables.ShowFacts(
            invocation.Console,
            ("transaction", status.TransactionId.Value),
            ("block", status.BlockNumber.ToString(CultureInfo.InvariantCulture)),
            ("result", Text(submitted.Result)));
    }

    private static Contract ContractOf(Invocation invocation, NetworkSession session) =>
        session.ContractOf(invocation.Get(ContractOptions.Channel)!, invocation.Get(ContractOptions.Contract)!);

    private static ReadOnlyMemory<byte> Encode(string text) => Encoding.UTF8.GetBytes(text);

    // Results of contracts are theirs: text where it is text, else hex.
    private static string Text(ReadOnlyMemory<byte> result) =>
        Utf8.IsValid(result.Span) ? Encoding.UTF8.GetString(result.Span) : "0x" + Convert.ToHexStringLower(result.Span);
}
