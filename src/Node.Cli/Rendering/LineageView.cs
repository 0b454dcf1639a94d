using System.Globalization;
using Node.Cli.Running;
using Node.Client.Recording;
using Node.Protocol;
using Spectre.Console;

namespace Node.Cli.Rendering;

/// <summary>
/// Draws a lineage as a tree. A record that several others share is drawn once in full, then referred to.
/// </summary>
internal static class LineageView
{
    /// <param name="width">
    /// Most records drawn below one, so that the tree stays readable: the others are counted. Outdated and missing ones
    /// are
    /// always drawn, since they are what one looks for.
    /// </param>
    public static void Show(CliConsole console, Lineage lineage, int width)
    {
        Tree tree = Tables.Tree(console, Label(lineage, lineage.Root));
        var shown = new HashSet<TxId> { lineage.Root };

        // An explicit stack: lineages may be thousands of levels deep.
        var waiting = new Stack<(IHasTreeNodes Node, TxId Id)>();
        waiting.Push((tree, lineage.Root));
        while (waiting.TryPop(out (IHasTreeNodes Node, TxId Id) next))
            AddBelow(next.Node, [.. lineage.Next(next.Id)], lineage, width, shown, waiting);

        Tables.Show(console, tree);
        if (lineage.IsTruncated)
            console.Output.WriteLine("Not all of it: a limit of depth or size was met. Ask with a larger --depth.");
    }

    private static void AddBelow(
        IHasTreeNodes node, TxId[] below, Lineage lineage, int width, HashSet<TxId> shown,
        Stack<(IHasTreeNodes Node, TxId Id)> waiting)
    {
        TxId[] drawn = [.. below.Where((id, index) => index < width || IsRemarkable(lineage, id))];
        foreach (TxId id in drawn)
        {
            bool isNew = shown.Add(id);
            string repeated = isNew || lineage.Find(id) is null ? "" : " [grey](see above)[/]";
            TreeNode added = node.AddNode(new Markup(Label(lineage, id) + repeated));
            if (isNew)
                waiting.Push((added, id));
        }

        if (below.Length > drawn.Length)
        {
            string rest = (below.Length - drawn.Length).ToString(CultureInfo.InvariantCulture);
            node.AddNode(new Markup($"[grey]and {rest} more (--width shows them)[/]"));
        }
    }

    private static bool IsRemarkable(Lineage lineage, TxId id) => lineage.Find(id) is null or { IsOutdated: true };

    private static string Label(Lineage lineage, TxId id)
    {
        string transaction = Tables.Short(id.Value);
        if (lineage.Find(id) is not { } record)
            return lineage.Missing.Contains(id)
                ? $"[red]{transaction} is not on the ledger[/]"
                : $"[grey]{transaction} (left out)[/]";

        string key = $"[bold]{Tables.Escape(record.Key)}[/]";
        string facts = Tables.Escape($"tx {transaction}  block {record.Block}  {record.EnrollmentId}@{record.MspId}");
        string outdated = record.IsOutdated
            ? $" [yellow]outdated: replaced by tx {Tables.Short(record.NewestTransactionId.Value)}[/]"
            : "";
        return $"{key}  [grey]{facts}[/]{outdated}";
    }
}
