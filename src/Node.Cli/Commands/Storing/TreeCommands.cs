using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Trees;
using Node.Protocol;
using Spectre.Console;

namespace Node.Cli.Commands.Storing;

/// <summary><c>tree list|prove|check</c>: what is in a recorded tree, and a single file of it.</summary>
internal static class TreeCommands
{
    private static readonly Argument<string> s_key = new("KEY") { Description = "The key of a recorded tree" };

    private static readonly Argument<string> s_path = new("PATH") { Description = "The path of a file in the tree" };

    private static readonly Argument<string> s_proof = new("PROOF") { Description = "What 'tree prove' wrote" };

    private static readonly Argument<string> s_file = new("FILE") { Description = "The file to verify" };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Write the proof to this file (default: standard output)",
        HelpName = "FILE",
    };

    private static readonly Option<string> s_recorded = new("--recorded")
    {
        Description = "The SHA-256 of the tree's record, from a receipt: nobody is asked (default: ask the ledger)",
        HelpName = "SHA256",
    };

    private static readonly Option<string> s_treeKey = new("--key", "-k")
    {
        Description = "The key of the tree on the ledger",
        HelpName = "KEY",
    };

    private static readonly Option<string> s_store = StoreOption.Create("Read from this store too");

    public static Command Create() => new("tree", "Look into recorded folders, and prove single files of them")
    {
        new Verb("list", "List the files of a recorded tree", "tree list data/2019")
            .Takes(s_key, s_store).Runs(ListAsync),
        new Verb(
            "prove", "Prove that a file is part of a recorded tree",
            "tree prove data/2019 raw/jan.csv -o jan.proof").Takes(s_key, s_path, s_output, s_store).Runs(ProveAsync),
        new Verb(
            "check", "Verify one file with its proof, without the rest of the tree",
            "tree check jan.proof jan.csv --key data/2019")
            .Takes(s_proof, s_file, s_treeKey, s_recorded).Runs(CheckAsync),
    };

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        RecordedTree tree = await OpenAsync(session, invocation.Get(s_key), cancellation);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                tree.Record.Key,
                tree.Record.TransactionId,
                tree.Manifest.Head.Root,
                tree.Manifest.Head.Bytes,
                Files = tree.Manifest.Entries.Select(
                    entry => new { entry.Kind, entry.Path, entry.Bytes, entry.Checksum }),
            });
            return ExitCode.Ok;
        }

        var table = new TextTable("path", "bytes", "SHA-256");
        foreach (TreeEntry entry in tree.Manifest.Entries)
            table.Add(
                entry.Kind == TreeEntryKind.Link ? entry.Path + " (link)" : entry.Path,
                entry.Bytes.ToString(CultureInfo.InvariantCulture), entry.Checksum.ToString());

        table.Show(invocation.Console);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ProveAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        RecordedTree tree = await OpenAsync(session, invocation.Get(s_key), cancellation);
        string path = invocation.Get(s_path);
        TreeProof proof = tree.Manifest.Prove(path) ?? throw new CommandFault(
            ExitCode.NotFound,
            $"the tree {tree.Record.Key} has no file {path}. List them with: ./hyperprov tree list " +
            $"{tree.Record.Key}{invocation.FolderOption}");
        byte[] bytes = proof.ToBytes();
        if (invocation.Get(s_output) is { } target)
        {
            await File.WriteAllBytesAsync(invocation.Console.PathOf(target), bytes, cancellation);
            invocation.Progress.Say(
                $"{target}: {path} is part of {tree.Record.Key}, whose record has the SHA-256 {tree.Record.Hash}");
        }
        else
        {
            invocation.Console.Output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes));
        }

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> CheckAsync(Invocation invocation, CancellationToken cancellation)
    {
        byte[] bytes = await File.ReadAllBytesAsync(invocation.Console.PathOf(invocation.Get(s_proof)), cancellation);
        if (!TreeProof.TryParse(bytes, out TreeProof? proof, out string? fault))
            throw new CommandFault(ExitCode.VerificationFailed, $"{invocation.Get(s_proof)}: {fault}.");

        Hash32 recorded = await RecordedAsync(invocation, cancellation);
        if (!proof.IsPartOf(recorded, out fault))
            throw new CommandFault(ExitCode.VerificationFailed, $"{invocation.Get(s_proof)}: {fault}.");

        string path = invocation.Console.PathOf(invocation.Get(s_file));
        ContentCheck check = await ContentVerification.CheckAsync(
            path, Checksum.Of(proof.Entry.Checksum), cancellation);
        if (check.State == ContentState.Missing)
            throw new CommandFault(ExitCode.NotFound, $"there is no file {path}. Check the name.");
        if (check.State == ContentState.Altered)
            throw new CommandFault(
                ExitCode.VerificationFailed,
                $"{path} is not {proof.Entry.Path} of the tree: expected {check.Expected}, found {check.Found?.Hex}.");

        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Passed = true, proof.Entry.Path, proof.Entry.Checksum, recorded });
        else
            invocation.Console.Screen.MarkupLine(
                $"[green]{Tables.Escape($"Verified: {path} is {proof.Entry.Path} of the recorded tree.")}[/]");

        return ExitCode.Ok;
    }

    private static async Task<Hash32> RecordedAsync(Invocation invocation, CancellationToken cancellation)
    {
        if (invocation.Get(s_recorded) is { } text)
            return Hash32.TryParseHex(text, out Hash32 given)
                ? given
                : throw new CommandFault(ExitCode.Usage, $"--recorded is \"{text}\", expected 64 hex digits.");

        string key = invocation.Get(s_treeKey) ?? throw new CommandFault(
            ExitCode.Usage,
            "a proof says nothing by itself: name the tree with --key KEY, or its checksum with --recorded.");
        using NetworkSession session = NetworkSession.Open(invocation);
        ProvenanceRecord record = await session.Provenance.FindAsync(key, cancellation);
        return Hash32.TryParseHex(record.Hash, out Hash32 found)
            ? found
            : throw new CommandFault(ExitCode.VerificationFailed, $"the record of {key} is not one of a tree.");
    }

    private static async Task<RecordedTree> OpenAsync(
        NetworkSession session, string key, CancellationToken cancellation)
    {
        ProvenanceRecord record = await session.Provenance.FindAsync(key, cancellation);
        return RecordedTree.Is(record)
            ? await RecordedTree.OpenAsync(session.Provenance, record, cancellation)
            : throw new CommandFault(
                ExitCode.NotFound,
                $"the record of {key} is of type {record.Type}, not a tree. Trees are made by: put DIR.");
    }
}
