using System.CommandLine;
using Node.Cli.Commands.Storing;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Node.Client.Trees;
using Node.Protocol;

namespace Node.Cli.Commands.Recording;

/// <summary><c>get KEY</c>: a record, or with -o its content, verified.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> s_key = new("KEY")
    {
        Description = "A key, or with --tx a transaction id",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Write the verified content to this file, a tree to this new folder, or to standard output (-)",
        HelpName = "FILE",
    };

    private static readonly Option<bool> s_byTransaction = new("--tx")
    {
        Description = "KEY is a transaction id: get the version that it recorded",
    };

    private static readonly Option<string> s_path = new("--path")
    {
        Description = "One file of a recorded tree",
        HelpName = "PATH",
    };

    private static readonly Option<string[]> s_decryptWith = new("--decrypt-with")
    {
        Description = "The private key of one for whom the content was encrypted",
        HelpName = "FILE",
    };

    private static readonly Option<bool> s_raw = new("--raw")
    {
        Description = "The stored bytes as they are: of a tree its head, of encrypted content the encrypted bytes",
    };

    private static readonly Option<string> s_store = StoreOption.Create("Read from this store too");

    public static Verb Create() =>
        new Verb("get", "Show a record, or get its content back verified", "get report -o report.csv")
            .Takes(s_key, s_output, s_byTransaction, s_path, s_decryptWith, s_raw, s_store)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = StoreOption.Open(invocation, s_store);
        ReadingKey[] keys = [.. (invocation.Get(s_decryptWith) ?? []).Select(file => LoadKey(invocation, file))];
        ProvenanceClient provenance = session.ProvenanceWith(keys);
        ProvenanceRecord record = invocation.Get(s_byTransaction)
            ? await provenance.FindByTransactionAsync(TransactionOf(invocation.Get(s_key)), cancellation)
            : await provenance.FindAsync(invocation.Get(s_key), cancellation);
        string? target = invocation.Get(s_output);
        bool isWholeTree = RecordedTree.Is(record) && target is not (null or "-") && !invocation.Get(s_raw);
        if (isWholeTree || invocation.Get(s_path) is not null)
            return await GetTreeAsync(invocation, provenance, record, target, cancellation);

        if (target == "-")
        {
            await CopyToOutputAsync(invocation, provenance, record, cancellation);
            return ExitCode.Ok;
        }

        if (target is not null)
        {
            string path = invocation.Console.PathOf(target);
            await using (Stream content = await OpenAsync(invocation, provenance, record, cancellation))
                await DurableFile.CreateAsync(path, content, cancellation);

            bool isDecrypted = !invocation.Get(s_raw)
                && record.Pointer.EndsWith(ContentAddress.EncryptedSuffix, StringComparison.Ordinal);
            invocation.Progress.Say(
                $"{path}: {(isDecrypted ? "decrypted; encrypted it is " : "")}{record.Checksum}, as recorded");
        }

        if (invocation.Json)
            JsonView.Write(invocation.Console, JsonView.Of(record));
        else if (target is null)
            RecordView.ShowOne(invocation.Console, record);

        return ExitCode.Ok;
    }

    private static Task<Stream> OpenAsync(
        Invocation invocation, ProvenanceClient provenance, ProvenanceRecord record, CancellationToken cancellation) =>
        invocation.Get(s_raw)
            ? provenance.OpenStoredAsync(record, cancellation)
            : provenance.OpenAsync(record, cancellation);

    private static ReadingKey LoadKey(Invocation invocation, string file) =>
        ReadingKey.TryLoad(invocation.Console.PathOf(file), out ReadingKey? key, out string? fault)
            ? key
            : throw new CommandFault(ExitCode.Usage, $"--decrypt-with: {fault}");

    private static async Task<ExitCode> GetTreeAsync(
        Invocation invocation, ProvenanceClient provenance, ProvenanceRecord record, string? target,
        CancellationToken cancellation)
    {
        RecordedTree tree = await RecordedTree.OpenAsync(provenance, record, cancellation);
        if (invocation.Get(s_path) is not { } name)
        {
            string folder = invocation.Console.PathOf(target!);
            await invocation.Progress.WhileAsync($"Writing {folder}", say =>
            {
                var text = new TransferText("Writing", tree.Manifest.Head.Bytes, invocation.Console.Clock, say);
                return tree.RestoreAsync(
                    folder,
                    new TellingProgress<TreeProgress>(
                        at => text.Show(at.Bytes, $"{at.Files} of {at.FilesAll} files")),
                    cancellation);
            });
            invocation.Progress.Say($"{folder}: {tree.Manifest.Entries.Count} files, as recorded");
            return ExitCode.Ok;
        }

        TreeEntry entry = tree.Find(name)
            ?? throw new CommandFault(ExitCode.NotFound, $"the tree {record.Key} has no file {name}. See: tree list");
        if (target is null or "-")
        {
            await using (Stream rehearsal = await tree.OpenAsync(entry, cancellation))
                await rehearsal.CopyToAsync(Stream.Null, cancellation);

            await using Stream content = await tree.OpenAsync(entry, cancellation);
            await content.CopyToAsync(invocation.Console.BinaryOutput, cancellation);
            return ExitCode.Ok;
        }

        await using (Stream content = await tree.OpenAsync(entry, cancellation))
            await DurableFile.CreateAsync(invocation.Console.PathOf(target), content, cancellation);

        invocation.Progress.Say($"{target}: SHA-256 {entry.Checksum}, as recorded");
        return ExitCode.Ok;
    }

    // What went down a pipe cannot be called back, so the file is verified in full before the first byte leaves.
    private static async Task CopyToOutputAsync(
        Invocation invocation, ProvenanceClient provenance, ProvenanceRecord record, CancellationToken cancellation)
    {
        await using (Stream rehearsal = await OpenAsync(invocation, provenance, record, cancellation))
            await rehearsal.CopyToAsync(Stream.Null, cancellation);

        await using Stream content = await OpenAsync(invocation, provenance, record, cancellation);
        await content.CopyToAsync(invocation.Console.BinaryOutput, cancellation);
        await invocation.Console.BinaryOutput.FlushAsync(cancellation);
    }

    private static TxId TransactionOf(string text) =>
        TxId.TryParse(text, out TxId id, out string? fault) ? id : throw new CommandFault(ExitCode.Usage, $"{fault}.");
}
