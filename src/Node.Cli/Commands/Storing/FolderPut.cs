using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Client.Trees;

namespace Node.Cli.Commands.Storing;

/// <summary><c>put DIR</c>: a whole folder as one record of a tree, or as one record for each file.</summary>
internal static class FolderPut
{
    public static async Task<ExitCode> RunAsync(
        Invocation invocation, NetworkSession session, string folder, string key, PutOptions options, bool each,
        CancellationToken cancellation)
    {
        var recording = new TreeRecording(session.Provenance);
        TreeResult result = await invocation.Progress.WhileAsync($"Storing {folder}", async say =>
        {
            TransferText? text = null;
            var progress = new TellingProgress<TreeProgress>(at =>
            {
                text ??= new TransferText("Storing", at.BytesAll, invocation.Console.Clock, say);
                text.Show(at.Bytes, string.Create(CultureInfo.InvariantCulture, $"{at.Files} of {at.FilesAll} files"));
            });
            return each
                ? await recording.PutEachAsync(folder, key, options, progress, cancellation)
                : await recording.PutAsync(folder, key, options, progress, cancellation);
        });
        await new TreeMarks(invocation.Folder).RememberAsync(
            Path.TrimEndingDirectorySeparator(folder), key, cancellation);
        Show(invocation, result, each);
        return ExitCode.Ok;
    }

    private static void Show(Invocation invocation, TreeResult result, bool each)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                result.Key,
                result.Record?.TransactionId,
                result.Record?.Block,
                result.Record?.Checksum,
                result.Head?.Root,
                result.Files,
                result.Bytes,
                result.Record?.StoredAt,
                result.LinksLeftOut,
            });
            return;
        }

        string files = string.Create(
            CultureInfo.InvariantCulture, $"{result.Files}, {TransferText.Size(result.Bytes)}");
        if (each)
            Tables.ShowFacts(
                invocation.Console, ("keys", TreeRecording.KeyOf(result.Key, "…")), ("files", files),
                ("links left out", string.Join('\n', result.LinksLeftOut)));
        else
            Tables.ShowFacts(
                invocation.Console,
                ("key", result.Key),
                ("transaction", result.Record!.TransactionId.Value),
                ("block", result.Record.Block.ToString(CultureInfo.InvariantCulture)),
                ("checksum", $"SHA-256 {result.Record.Checksum}"),
                ("merkle root", result.Head!.Root.ToString()),
                ("files", files),
                ("stored at", result.Record.StoredAt),
                ("derived from", string.Join('\n', result.Record.Parents)));
    }
}
