using System.CommandLine;
using Node.Cli.Commands.Storing;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;

namespace Node.Cli.Commands.Recording;

/// <summary><c>verify [KEY…|DIR]</c>: holds records, or a folder, and their ancestors against the ledger.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string[]> s_keys = new("KEY|DIR")
    {
        Description =
            "Keys to verify with all their ancestors, or a folder that was put; none: everything on the ledger",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> s_all = new("--verbose", "-v") { Description = "Show what is intact as well" };

    private static readonly Option<string> s_key = new("--key", "-k")
    {
        Description = "Hold the folder against this key (default: the one it was put under from here)",
        HelpName = "KEY",
    };

    private static readonly Option<string> s_store = StoreOption.Create("Read from this store too");

    public static Verb Create() =>
        new Verb("verify", "Hold records, or a folder, and their ancestors against the ledger", "verify ./data")
            .Takes(s_keys, s_key, s_all, s_store)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        string[] names = invocation.GetAll(s_keys);
        string? key = invocation.Get(s_key);
        if (key is not null && names.Length != 1)
            throw new CommandFault(ExitCode.Usage, "--key goes with exactly one folder: verify DIR --key KEY.");

        string folder = names.Length == 1 ? invocation.Console.PathOf(names[0]) : "";
        if (key is not null || (names.Length == 1 && Directory.Exists(folder)))
            return await FolderVerify.RunAsync(invocation, session, folder, key, cancellation);

        VerificationReport report = await VerificationReport.CollectAsync(
            session.Provenance, [.. names.Select(KeyOf)], invocation.Progress, cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, report.ToJson());
        else
            report.Show(invocation.Console, invocation.Get(s_all));

        return report.Passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    // For a key that is also the name of a folder here.
    private static string KeyOf(string name) =>
        name.StartsWith("key:", StringComparison.Ordinal) ? name["key:".Length..] : name;
}
