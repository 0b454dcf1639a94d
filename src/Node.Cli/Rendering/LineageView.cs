using System.Globalization;
using Node.Cli.Running;
using Node.Client.Lineages;
using Node.Client.Recording;
using Spectre.Console;

namespace Node.Cli.Rendering;

/// <summary>
/// Draws a lineage as a tree. A record that several others share is drawn once in full, then referred to.
/// </summary>
internal static class LineageView
{
    /// <param name="width">As of <see cref="LineageTree.Unfold"/>.</param>
    public static void Show(CliConsole console, LineageGraph graph, int width)
    {
        foreach (LineageTreeLine line in LineageTree.Unfold(graph, width))
            console.Screen.MarkupLine($"[grey]{Tables.Escape(line.Guide)}[/]{Label(line)}");

        if (graph.IsTruncated)
            console.Output.WriteLine("Not all of it: a limit of depth or size was met. Ask with a larger --depth.");
    }

    private static string Label(LineageTreeLine line)
    {
        if (line.Node is not { } node)
            return string.Create(
                CultureInfo.InvariantCulture, $"[grey]and {line.More} more (--width shows them)[/]");

        string transaction = Tables.Short(node.Id.Value);
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing)
                ? $"[red]{transaction} is not on the ledger[/]"
                : $"[grey]{transaction} (left out)[/]";

        string key = $"[bold]{Tables.Escape(DisplayText.Visible(record.Key))}[/]";
        string facts = $"[grey]{Tables.Escape(LineageText.Facts(record))}[/]";
        string repeated = line.IsRepeated ? " [grey](see above)[/]" : "";
        return $"{key}  {facts}{Tainted(node)}{Outdated(record)}{repeated}";
    }

    private static string Tainted(LineageNode node) =>
        !node.Is(LineageMarks.Tainted) ? "" : node.Is(LineageMarks.Root) ? " [red]bad source[/]" : " [red]tainted[/]";

    private static string Outdated(ProvenanceRecord record) => record.IsOutdated
        ? $" [yellow]outdated: replaced by tx {Tables.Short(record.NewestTransactionId.Value)}[/]"
        : "";
}
