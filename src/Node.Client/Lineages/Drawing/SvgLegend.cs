namespace Node.Client.Lineages.Drawing;

/// <summary>Says below the picture what its colours mean, and which colour an organisation has.</summary>
internal sealed class SvgLegend
{
    private const int RowHeight = 20;
    private const int ItemGap = 18;
    private const int SwatchWidth = 14;

    private readonly string[] _organizations;
    private readonly List<Item> _items = [];

    public SvgLegend(LineageGraph graph, int width)
    {
        // By name, not by appearance: an organisation keeps its colour from one picture of a network to the next.
        _organizations = [.. graph.Records.Select(record => record.MspId).Distinct().Order(StringComparer.Ordinal)];
        for (int index = 0; index < _organizations.Length; index++)
            Add(DisplayText.Visible(_organizations[index]), $"o{index % SvgStyle.Organizations}", width);

        (LineageMarks Mark, string Text)[] marks =
        [
            (LineageMarks.Outdated, "outdated: its key has a newer record"),
            (LineageMarks.Tainted, "tainted: a bad source, or derived from one"),
            (LineageMarks.Missing, "not on the ledger"),
            (LineageMarks.LeftOut, "left out by a limit"),
        ];
        foreach ((LineageMarks mark, string text) in marks)
        {
            if (graph.Nodes.Any(node => node.Is(mark)))
                Add(text, LineageDrawing.ClassOf(mark), width);
        }

        Add("arrows lead from a source to what came of it", "", width);
    }

    public int Height => (_items[^1].Row + 1) * RowHeight;

    /// <summary>The number of the organisation's colour.</summary>
    public int ColourOf(LineageNode node) =>
        Math.Max(0, Array.IndexOf(_organizations, node.Record?.MspId ?? "")) % SvgStyle.Organizations;

    public void Draw(SvgWriter svg, int left, int top)
    {
        foreach (Item item in _items)
        {
            int x = left + item.X;
            int y = top + item.Row * RowHeight;
            if (item.Look.Length > 0)
                svg.Empty(
                    "rect", "class", $"b {item.Look}", "x", x, "y", y + 3, "width", SwatchWidth, "height", 12, "rx", 3);
            else
                svg.Empty(
                    "path", "class", "e", "d", FormattableString.Invariant($"M{x} {y + 9}h{SwatchWidth}"),
                    "marker-end", "url(#a)");

            svg.Text("text", item.Text, "class", "f", "x", x + SwatchWidth + 6, "y", y + 13);
        }
    }

    private void Add(string text, string look, int width)
    {
        string fitting = TextWidth.Fit(text, LineageSvgText.FactsSize, width - SwatchWidth - 6);
        int needed = SwatchWidth + 6 + TextWidth.Of(fitting, LineageSvgText.FactsSize);
        (int x, int row) = _items.Count == 0
            ? (0, 0)
            : (_items[^1].X + _items[^1].Width + ItemGap, _items[^1].Row);
        if (x > 0 && x + needed > width)
            (x, row) = (0, row + 1);

        _items.Add(new Item(fitting, look, x, row, needed));
    }

    private sealed record Item(string Text, string Look, int X, int Row, int Width);
}
