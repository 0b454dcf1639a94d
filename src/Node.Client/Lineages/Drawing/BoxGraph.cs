namespace Node.Client.Lineages.Drawing;

/// <summary>Puts the records of a graph into boxes.</summary>
/// <remarks>
/// Records at an end of the graph that have the same neighbours, such as the twelve months of a year, share one box
/// with
/// a small chip for each: one edge then says what twelve would, and hundreds of sources stay readable.
/// </remarks>
internal static class BoxGraph
{
    public const int ChipHeight = 24;
    public const int ChipGap = 6;
    public const int Padding = 10;
    public const int HeaderHeight = 40;

    private const int GroupMembersMin = 4;
    private const int NodeHeight = 48;
    private const int NodeWidthMin = 132;
    private const int NodeWidthMax = 264;
    private const int ChipWidthMin = 36;
    private const int ChipWidthMax = 150;
    private const int ColumnsMax = 12;

    public static List<PictureBox> BoxesOf(LineageGraph graph)
    {
        int[][] parents = graph.ParentsByNode();
        int[][] children = graph.ChildrenByNode();
        var boxes = new List<PictureBox>();
        var groups = Enumerable.Range(0, graph.Nodes.Count)
            .GroupBy(index => SignatureOf(graph, index, parents, children), StringComparer.Ordinal);
        foreach (IGrouping<string, int> group in groups)
        {
            int[] members = [.. group];
            if (group.Key.Length > 0 && members.Length >= GroupMembersMin)
                boxes.Add(GroupOf(graph, members));
            else
                boxes.AddRange(members.Select(index => SingleOf(graph, index)));
        }

        return [.. boxes.OrderBy(box => box.Nodes.Min())];
    }

    /// <summary>What a record's group has in common; empty for a record that stands alone.</summary>
    private static string SignatureOf(LineageGraph graph, int index, int[][] parents, int[][] children)
    {
        bool isEnd = parents[index].Length == 0 != (children[index].Length == 0);
        return !isEnd || graph.Nodes[index].Is(LineageMarks.Root)
            ? ""
            : $"{string.Join(',', parents[index])}>{string.Join(',', children[index])}";
    }

    private static PictureBox SingleOf(LineageGraph graph, int index)
    {
        LineageNode node = graph.Nodes[index];
        int key = TextWidth.Of(LineageSvgText.TitleOf(node), LineageSvgText.TitleSize);
        int facts = TextWidth.Of(LineageSvgText.FactsOf(node), LineageSvgText.FactsSize);
        return new PictureBox
        {
            Nodes = [index],
            Width = Math.Clamp(Math.Max(key, facts) + 28, NodeWidthMin, NodeWidthMax),
            Height = NodeHeight,
        };
    }

    private static PictureBox GroupOf(LineageGraph graph, int[] members)
    {
        string prefix = CommonPrefix([.. members.Select(index => LineageSvgText.TitleOf(graph.Nodes[index]))]);
        int[] sorted =
        [
            .. members.OrderBy(index => LineageSvgText.TitleOf(graph.Nodes[index]), StringComparer.Ordinal)
                .ThenBy(index => index),
        ];
        int widest = members.Max(index => TextWidth.Of(
            LineageSvgText.TitleOf(graph.Nodes[index])[prefix.Length..], LineageSvgText.FactsSize));
        int chip = Math.Clamp(widest + 16, ChipWidthMin, ChipWidthMax);
        int columns = ColumnsFor(members.Length, chip);
        int rows = (members.Length + columns - 1) / columns;
        int header = TextWidth.Of(LineageSvgText.GroupTitle(prefix), LineageSvgText.TitleSize) + 2 * Padding;
        return new PictureBox
        {
            Nodes = sorted,
            Prefix = prefix,
            Columns = columns,
            ChipWidth = chip,
            Width = Math.Max(
                columns * (chip + ChipGap) - ChipGap + 2 * Padding, Math.Clamp(header, NodeWidthMin, NodeWidthMax)),
            Height = HeaderHeight + rows * (ChipHeight + ChipGap) - ChipGap + Padding,
        };
    }

    // A box half again as wide as high, whatever the number of chips.
    private static int ColumnsFor(int count, int chip)
    {
        int columns = 1;
        while (columns < ColumnsMax && columns < count
            && 2 * columns * (chip + ChipGap) < 3 * (HeaderHeight + Rows(count, columns) * (ChipHeight + ChipGap)))
            columns++;

        // Rather full rows than the exact shape.
        return Enumerable.Range(columns - 1, 3)
            .Where(near => near > 1 && near <= ColumnsMax && count % near == 0)
            .DefaultIfEmpty(columns)
            .Max();
    }

    private static int Rows(int count, int columns) => (count + columns - 1) / columns;

    // Ends behind a separator, so that what is left of each key is a word of its own.
    private static string CommonPrefix(string[] titles)
    {
        int length = titles.Min(title => title.Length) - 1;
        for (int at = 0; at < length; at++)
        {
            if (titles.Any(title => title[at] != titles[0][at]))
                length = at;
        }

        while (length > 0 && titles[0][length - 1] is not ('/' or '-' or '_' or '.' or ':' or ' '))
            length--;

        return titles[0][..Math.Max(0, length)];
    }
}
