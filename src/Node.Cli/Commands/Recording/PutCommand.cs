using System.CommandLine;
using System.Globalization;
using Node.Cli.Commands.Storing;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;

namespace Node.Cli.Commands.Recording;

/// <summary><c>put FILE|DIR|-</c>: stores a file or a folder and records it.</summary>
internal static class PutCommand
{
    private static readonly Argument<string> s_file = new("FILE")
    {
        Description = "The file or folder to record, or - for standard input",
    };

    private static readonly Option<string> s_key = new("--key", "-k")
    {
        Description = "The key to record it under",
        HelpName = "KEY",
        Required = true,
    };

    private static readonly Option<string[]> s_depends = new("--depends", "-d")
    {
        Description = "What it was derived from: keys or transaction ids; may be repeated",
        HelpName = "KEY|TXID",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> s_description = new("--description", "-m")
    {
        Description = "Free text",
        HelpName = "TEXT",
    };

    private static readonly Option<string> s_type = new("--type")
    {
        Description = "What kind of record it is (default: Transformation with --depends, else Record)",
        HelpName = "TYPE",
    };

    private static readonly Option<bool> s_loose = new("--allow-unknown-parents")
    {
        Description = "Accept --depends on transactions that are not on the ledger (yet)",
    };

    private static readonly Option<bool> s_new = new("--if-new")
    {
        Description = "Refuse if the key has a record already",
    };

    private static readonly Option<string[]> s_encryptFor = new("--encrypt-for")
    {
        Description = "Encrypt the content for these public keys (made by: store key); may be repeated",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> s_each = new("--each")
    {
        Description = "One record for each file of a folder, under KEY/PATH, instead of one for the folder",
    };

    private static readonly Option<string> s_store = StoreOption.Create(
        "Where the content goes: a store of stores.yaml, a path, file://, s3:// (default: stores.yaml)");

    public static Verb Create() =>
        new Verb(
            "put", "Store a file or a folder and record its checksum, place and origin",
            "put report.csv --key report --depends jan feb")
            .Takes(s_file, s_key, s_depends, s_description, s_type, s_loose, s_new, s_each, s_encryptFor, s_store)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        string key = invocation.Get(s_key)!;
        var options = new PutOptions
        {
            Description = invocation.Get(s_description) ?? "",
            Type = invocation.Get(s_type),
            DependsOn = invocation.Get(s_depends) ?? [],
            Strict = !invocation.Get(s_loose),
            ExpectedTransactionId = invocation.Get(s_new) ? PutOptions.MustBeNew : null,
            EncryptFor = [.. (invocation.Get(s_encryptFor) ?? []).Select(file => LoadRecipient(invocation, file))],
        };
        string path = invocation.Console.PathOf(invocation.Get(s_file));
        bool isFolder = invocation.Get(s_file) != "-" && Directory.Exists(path);
        if (isFolder && options.EncryptFor.Count > 0 && !invocation.Get(s_each))
            throw new CommandFault(
                ExitCode.Usage, "the list of a tree would tell of its encrypted files: put the folder with --each.");
        if (isFolder)
            return await FolderPut.RunAsync(
                invocation, session, path, key, options, invocation.Get(s_each), cancellation);
        if (invocation.Get(s_each))
            throw new CommandFault(ExitCode.Usage, $"--each is for folders, and {path} is none.");

        await using Stream content = Open(invocation);
        PutResult result = await invocation.Progress.WhileAsync($"Storing {invocation.Get(s_file)}", say =>
        {
            long length = content.CanSeek ? content.Length : 0;
            var text = new TransferText("Storing", length, invocation.Console.Clock, say);
            var adding = new AddOptions
            {
                SourcePath = (content as FileStream)?.Name,
                Progress = invocation.Console.IsErrorTerminal ? new TellingProgress<long>(text.Add) : null,
            };
            return session.Provenance.PutAsync(key, content, options with { Adding = adding }, cancellation);
        });
        Show(invocation, result);
        return ExitCode.Ok;
    }

    private static RecipientKey LoadRecipient(Invocation invocation, string file) =>
        RecipientKey.TryLoad(invocation.Console.PathOf(file), out RecipientKey? key, out string? fault)
            ? key
            : throw new CommandFault(ExitCode.Usage, $"--encrypt-for: {fault}");

    private static Stream Open(Invocation invocation)
    {
        string name = invocation.Get(s_file);
        if (name == "-")
            return invocation.Console.Input;

        string path = invocation.Console.PathOf(name);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFault(ExitCode.NotFound, $"there is no file {path}. Check the name.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CommandFault(ExitCode.Local, $"{path} cannot be read: {e.Message} Check its permissions.");
        }
    }

    private static void Show(Invocation invocation, PutResult result)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, result);
            return;
        }

        Tables.ShowFacts(
            invocation.Console,
            ("key", result.Key),
            ("transaction", result.TransactionId.Value),
            ("block", result.Block.ToString(CultureInfo.InvariantCulture)),
            ("checksum", $"SHA-256 {result.Checksum}"),
            ("bytes", result.Bytes.ToString(CultureInfo.InvariantCulture)),
            ("stored at", result.StoredAt),
            ("derived from", string.Join('\n', result.Parents)));
    }
}
