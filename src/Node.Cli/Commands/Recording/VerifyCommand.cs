using System.CommandLine;
using Node.Cli.Commands.Storing;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;

namespace Node.Cli.Commands.Recording;

/// <summary><c>verify [KEY…]</c>: holds records and their ancestors against the stored bytes.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string[]> s_keys = new("KEY")
    {
        Description = "Keys to verify with all their ancestors; none: everything on the ledger",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> s_all = new("--verbose", "-v") { Description = "Show what is intact as well" };

    private static readonly Option<string> s_store = StoreOption.Create("Read from this store too");

    public static Verb Create() =>
        new Verb("verify", "Hold records and their ancestors against the stored files", "verify report")
            .Takes(s_keys, s_all, s_store)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        VerificationReport report = await VerificationReport.CollectAsync(
            session.Provenance, invocation.GetAll(s_keys), invocation.Progress, cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, report.ToJson());
        else
            report.Show(invocation.Console, invocation.Get(s_all));

        return report.Passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }
}
