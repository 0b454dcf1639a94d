namespace Node.Client.Lineages;

/// <summary>One line of a tree.</summary>
/// <param name="Guide">The lines that lead to it from the root.</param>
/// <param name="Node">Null for a line that counts what is not drawn.</param>
/// <param name="IsRepeated">What is below stands where the record was drawn first.</param>
/// <param name="More">How many records are not drawn here; 0 with a node.</param>
public readonly record struct LineageTreeLine(string Guide, LineageNode? Node, bool IsRepeated, int More);

/// <summary>
/// Unfolds a graph into lines, from its roots on. A record that several others share is unfolded once, then referred
/// to.
/// </summary>
public static class LineageTree
{
    /// <summary>Draws everything.</summary>
    public const int AllWidth = int.MaxValue;

    // Deeper levels are not indented further: nobody could follow the guides, and thousands of levels would be all
    // guides.
    private const int GuideCharsMax = 40 * 3;

    /// <param name="width">
    /// Most records drawn below one, so that the tree stays readable: the others are counted. Outdated and missing ones
    /// are always drawn, since they are what one looks for.
    /// </param>
    public static IEnumerable<LineageTreeLine> Unfold(LineageGraph graph, int width)
    {
        int[][] next = graph.Direction == Recording.LineageDirection.Up
            ? graph.ParentsByNode()
            : graph.ChildrenByNode();
        var drawn = new HashSet<int>();

        // An explicit stack: lineages may be thousands of levels deep.
        var waiting = new Stack<Branch>();
        for (int index = graph.Nodes.Count - 1; index >= 0; index--)
        {
            if (graph.Nodes[index].Is(LineageMarks.Root))
                waiting.Push(new Branch(index, More: 0, Guide: "", Below: ""));
        }

        while (waiting.TryPop(out Branch branch))
        {
            if (branch.More > 0)
            {
                yield return new LineageTreeLine(branch.Guide, Node: null, IsRepeated: false, branch.More);
                continue;
            }

            LineageNode node = graph.Nodes[branch.Index];
            bool isNew = drawn.Add(branch.Index);
            int[] below = next[branch.Index];
            yield return new LineageTreeLine(branch.Guide, node, !isNew && below.Length > 0, More: 0);
            if (isNew)
                PushBelow(graph, below, width, branch.Below, waiting);
        }
    }

    private static void PushBelow(
        LineageGraph graph, int[] below, int width, string guide, Stack<Branch> waiting)
    {
        int[] shown = [.. below.Where((index, place) => place < width || IsRemarkable(graph.Nodes[index]))];
        int more = below.Length - shown.Length;
        if (more > 0)
            waiting.Push(new Branch(Index: -1, more, guide + "└─ ", Below: ""));

        for (int place = shown.Length - 1; place >= 0; place--)
        {
            bool isLast = place == shown.Length - 1 && more == 0;
            string under = guide.Length < GuideCharsMax ? guide + (isLast ? "   " : "│  ") : guide;
            waiting.Push(new Branch(shown[place], More: 0, guide + (isLast ? "└─ " : "├─ "), under));
        }
    }

    private static bool IsRemarkable(LineageNode node) => node.Record is null or { IsOutdated: true };

    private readonly record struct Branch(int Index, int More, string Guide, string Below);
}
