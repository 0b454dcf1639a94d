using System.CommandLine;
using Node.Cli.Auditing;
using Node.Cli.Running;

namespace Node.Cli.Commands.Ledgers;

/// <summary><c>ledger</c>: whole ledgers. Here <c>ledger verify DIR</c>, which checks them offline.</summary>
internal static class LedgerCommand
{
    private static readonly Argument<string> s_folder = new("DIR")
    {
        Description = "A network folder, or one node's data folder; left out: --dir",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() => new("ledger", "Whole ledgers")
    {
        new Verb(
            "verify", "Check ledgers on disk: hashes, roots, signatures, state; names the first bad block",
            "ledger verify ./hyperprov-data")
            .Takes(s_folder)
            .Runs(RunAsync),
        SnapshotCommand.CreateSnapshot(),
        SnapshotCommand.CreateImport(),
        PruneCommand.Create(),
        EvidenceCommand.Create(),
    };

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string named = invocation.GetOrEmpty(s_folder);
        string folder = named.Length == 0 ? invocation.Folder : invocation.Console.PathOf(named);
        if (!Directory.Exists(folder))
            throw new CommandFault(ExitCode.NotFound, $"there is no folder {folder}.");

        bool passed = await LedgerVerification.RunAsync(folder, invocation, cancellation);
        return passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }
}
