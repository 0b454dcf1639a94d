using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Trees;
using Spectre.Console;

namespace Node.Cli.Commands.Storing;

/// <summary><c>verify DIR</c>: holds a folder of this machine against what was recorded of it.</summary>
internal static class FolderVerify
{
    /// <param name="folder">Absolute.</param>
    /// <param name="key">Null: what <c>put</c> remembered of this folder.</param>
    public static async Task<ExitCode> RunAsync(
        Invocation invocation, NetworkSession session, string folder, string? key, CancellationToken cancellation)
    {
        string part = "";
        key ??= new TreeMarks(invocation.Folder).Find(Path.TrimEndingDirectorySeparator(folder), out part)
            ?? throw new CommandFault(
                ExitCode.NotFound,
                $"{folder} was not recorded from here, so its key is not known. Name it: ./hyperprov verify {folder} " +
                "--key KEY");
        TreeReport report = await invocation.Progress.WhileAsync($"Verifying {folder}", say =>
        {
            TransferText? text = null;
            var progress = new TellingProgress<TreeProgress>(at =>
            {
                text ??= new TransferText("Verifying", at.BytesAll, invocation.Console.Clock, say);
                text.Show(at.Bytes, string.Create(CultureInfo.InvariantCulture, $"{at.Files} of {at.FilesAll} files"));
            });
            return new TreeVerification(session.Provenance).VerifyAsync(
                folder, key, part, invocation.Console.IsErrorTerminal ? progress : null, cancellation);
        });
        if (invocation.Json)
            JsonView.Write(invocation.Console, ToJson(report));
        else
            Show(invocation.Console, report);

        return report.Passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static object ToJson(TreeReport report) => new
    {
        report.Passed,
        report.Folder,
        report.Key,
        report.IsTree,
        report.Files,
        report.Bytes,
        report.Ancestors,
        Findings = report.Findings.Select(finding => new
        {
            finding.Kind,
            Failure = finding.IsFailure,
            finding.Path,
            finding.Reason,
        }),
    };

    private static void Show(CliConsole console, TreeReport report)
    {
        foreach (TreeFinding finding in report.Findings)
        {
            string word = finding.Kind switch
            {
                TreeFindingKind.BrokenAncestry => "BROKEN",
                TreeFindingKind.Notice => "notice",
                _ => finding.Kind.ToString().ToUpperInvariant(),
            };
            string line = Tables.Escape($"{word,-11}{finding.Path}: {finding.Reason}");
            console.Screen.MarkupLine($"[{(finding.IsFailure ? "red" : "yellow")}]{line}[/]");
        }

        string what = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Files} files ({TransferText.Size(report.Bytes)}) against " +
            $"{(report.IsTree ? "the tree" : "the records below")} {report.Key}, {report.Ancestors} ancestors");
        int failures = report.Findings.Count(finding => finding.IsFailure);
        console.Screen.MarkupLine(report.Passed
            ? $"[green]{Tables.Escape($"Verified: {what}. Everything is as recorded.")}[/]"
            : $"[red]{Tables.Escape($"Not verified: {what}. {failures} findings.")}[/]");
    }
}
