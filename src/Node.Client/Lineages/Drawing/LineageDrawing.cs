using System.Globalization;
using System.Text;

namespace Node.Client.Lineages.Drawing;

/// <summary>Draws one graph. Used once.</summary>
internal sealed class LineageDrawing
{
    private const int Margin = 24;
    private const int HeaderHeight = 54;
    private const int WidthMin = 520;
    private const int Corner = 8;

    private readonly LineageGraph _graph;
    private readonly string _title;
    private readonly int _nodes;
    private readonly Picture? _picture;
    private readonly SvgWriter _svg = new();
    private readonly SvgLegend _legend;
    private readonly int _width;

    /// <param name="nodes">How many the whole graph has, of which this may be a part.</param>
    public LineageDrawing(LineageGraph graph, string title, int nodes)
    {
        _graph = graph;
        _title = DisplayText.Visible(title.Length > 0 ? title : LineageSvg.TitleOf(graph));
        _nodes = nodes;
        _picture = graph.Nodes.Count == 0 ? null : LineageLayout.Of(graph);
        _width = Math.Max(WidthMin, (_picture?.Width ?? 0) + 2 * Margin);
        _legend = new SvgLegend(graph, _width - 2 * Margin);
    }

    private int PictureHeight => _picture?.Height ?? 0;

    public string Draw()
    {
        int height = HeaderHeight + Margin + PictureHeight + Margin + _legend.Height + Margin;
        string summary = LineageSvgText.Summary(_graph, _picture?.Layers ?? 0);
        if (_nodes > _graph.Nodes.Count)
            summary += string.Create(CultureInfo.InvariantCulture, $" · {_nodes - _graph.Nodes.Count} more not drawn");

        _svg.Open(
            "svg", "xmlns", "http://www.w3.org/2000/svg", "width", _width, "height", height,
            "viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {_width} {height}"), "role", "img");
        _svg.Text("title", _title).Text("desc", summary).Text("style", SvgStyle.Text);
        DrawMarkers();
        _svg.Empty("rect", "class", "page", "width", _width, "height", height, "rx", Corner);
        int textWidth = _width - 2 * Margin;
        _svg.Text("text", TextWidth.Fit(_title, 17, textWidth), "class", "h", "x", Margin, "y", Margin + 14);
        _svg.Text("text", TextWidth.Fit(summary, 12, textWidth), "class", "c", "x", Margin, "y", Margin + 34);
        if (_picture is not null)
            DrawPicture(_picture);

        _legend.Draw(_svg, Margin, height - Margin - _legend.Height);
        return _svg.Close().ToString();
    }

    private void DrawPicture(Picture picture)
    {
        int left = (_width - picture.Width) / 2;
        _svg.Open("g", "transform", string.Create(
            CultureInfo.InvariantCulture, $"translate({left} {HeaderHeight + Margin})"));
        foreach (PictureEdge edge in picture.Edges)
            DrawEdge(edge, picture.IsVertical);
        foreach (PictureBox box in picture.Boxes)
        {
            if (box.IsGroup)
                DrawGroup(box);
            else
                DrawNode(box);
        }

        _svg.Close();
    }

    private void DrawMarkers()
    {
        _svg.Open("defs");
        foreach (string kind in new[] { "", "outdated", "missing", "tainted" })
            _svg.Open(
                    "marker", "id", "a" + kind, "viewBox", "0 0 8 8", "refX", 8, "refY", 4, "markerWidth", 7,
                    "markerHeight", 7, "orient", "auto-start-reverse", "markerUnits", "userSpaceOnUse")
                .Empty("path", "class", $"a {kind}".TrimEnd(), "d", "M0 0.6 8 4 0 7.4Z")
                .Close();

        _svg.Close();
    }

    private void DrawEdge(PictureEdge edge, bool isVertical)
    {
        var path = new StringBuilder();
        (int x, int y) = edge.Points[0];
        path.Append(CultureInfo.InvariantCulture, $"M{x} {y}");
        foreach ((int nextX, int nextY) in edge.Points.Skip(1))
        {
            int half = isVertical ? (nextY - y) / 2 : (nextX - x) / 2;
            if (isVertical ? nextX == x : nextY == y)
                path.Append(CultureInfo.InvariantCulture, $"L{nextX} {nextY}");
            else if (isVertical)
                path.Append(CultureInfo.InvariantCulture, $"C{x} {y + half} {nextX} {nextY - half} {nextX} {nextY}");
            else
                path.Append(CultureInfo.InvariantCulture, $"C{x + half} {y} {nextX - half} {nextY} {nextX} {nextY}");

            (x, y) = (nextX, nextY);
        }

        string look = ClassOf(edge.Marks);
        string marker = look == "leftout" ? "" : look;
        _svg.Empty("path", "class", $"e {look}".TrimEnd(), "d", path, "marker-end", $"url(#a{marker})");
    }

    private void DrawNode(PictureBox box)
    {
        LineageNode node = _graph.Nodes[box.Nodes[0]];
        int organization = _legend.ColourOf(node);
        _svg.Open("g").Text("title", LineageSvgText.TooltipOf(node));
        string look = node.Record is null ? ClassOf(node.Marks) : $"o{organization} {ClassOf(node.Marks)}".TrimEnd();
        string root = node.Is(LineageMarks.Root) ? " r" : "";
        _svg.Empty(
            "rect", "class", $"b {look}{root}", "x", box.X, "y", box.Y, "width", box.Width, "height", box.Height,
            "rx", Corner);
        if (node.Record is not null)
            _svg.Empty(
                "rect", "class", $"s{organization}", "x", box.X + 7, "y", box.Y + 9, "width", 4,
                "height", box.Height - 18, "rx", 2);

        int textWidth = box.Width - 28;
        string title = TextWidth.Fit(LineageSvgText.TitleOf(node), LineageSvgText.TitleSize, textWidth);
        string facts = TextWidth.Fit(LineageSvgText.FactsOf(node), LineageSvgText.FactsSize, textWidth);
        _svg.Text("text", title, "class", "t", "x", box.X + 18, "y", box.Y + 20);
        _svg.Text("text", facts, "class", "f", "x", box.X + 18, "y", box.Y + 37);
        if (node.Is(LineageMarks.Tainted) && node.Is(LineageMarks.Root))
            DrawPill(box, "bad source", "tainted");
        else if (node.Is(LineageMarks.Outdated))
            DrawPill(box, "outdated", "outdated");

        _svg.Close();
    }

    private void DrawPill(PictureBox box, string text, string look)
    {
        int width = TextWidth.Of(text, 9) + 18;
        int x = box.X + box.Width - width - 8;
        _svg.Empty("rect", "class", $"pill {look}", "x", x, "y", box.Y - 7, "width", width, "height", 14, "rx", 7);
        _svg.Text("text", text, "class", "p m", "x", x + width / 2, "y", box.Y + 3);
    }

    private void DrawGroup(PictureBox box)
    {
        LineageNode[] members = [.. box.Nodes.Select(index => _graph.Nodes[index])];
        _svg.Open("g");
        _svg.Empty(
            "rect", "class", "b group", "x", box.X, "y", box.Y, "width", box.Width, "height", box.Height, "rx", Corner);
        string count = LineageSvgText.Count(members.Length, "record");
        string title = LineageSvgText.GroupTitle(box.Prefix) is { Length: > 0 } prefix ? prefix : count;
        IEnumerable<string> organizations = members.Select(node => node.Record?.MspId).OfType<string>()
            .Distinct().Order(StringComparer.Ordinal).Select(DisplayText.Visible);
        string facts = string.Join(" · ", [.. title == count ? (string[])[] : [count], .. organizations]);
        int textWidth = box.Width - 2 * BoxGraph.Padding;
        int x = box.X + BoxGraph.Padding;
        _svg.Text(
            "text", TextWidth.Fit(title, LineageSvgText.TitleSize, textWidth), "class", "t", "x", x, "y", box.Y + 17);
        _svg.Text(
            "text", TextWidth.Fit(facts, LineageSvgText.FactsSize, textWidth), "class", "f", "x", x, "y", box.Y + 32);
        for (int place = 0; place < members.Length; place++)
            DrawChip(box, place, members[place]);

        _svg.Close();
    }

    private void DrawChip(PictureBox box, int place, LineageNode node)
    {
        int x = box.X + BoxGraph.Padding + place % box.Columns * (box.ChipWidth + BoxGraph.ChipGap);
        int y = box.Y + BoxGraph.HeaderHeight + place / box.Columns * (BoxGraph.ChipHeight + BoxGraph.ChipGap);
        string look = node.Record is null
            ? ClassOf(node.Marks)
            : $"o{_legend.ColourOf(node)} {ClassOf(node.Marks)}".TrimEnd();
        _svg.Open("g").Text("title", LineageSvgText.TooltipOf(node));
        _svg.Empty(
            "rect", "class", $"b {look}", "x", x, "y", y, "width", box.ChipWidth, "height", BoxGraph.ChipHeight,
            "rx", 6);
        string label = TextWidth.Fit(
            LineageSvgText.TitleOf(node)[box.Prefix.Length..], LineageSvgText.FactsSize, box.ChipWidth - 10);
        _svg.Text("text", label, "class", "f m", "x", x + box.ChipWidth / 2, "y", y + 16);
        _svg.Close();
    }

    /// <summary>The worst that is known of a record decides how it looks.</summary>
    internal static string ClassOf(LineageMarks marks) =>
        marks.HasFlag(LineageMarks.Missing) ? "missing"
        : marks.HasFlag(LineageMarks.LeftOut) ? "leftout"
        : marks.HasFlag(LineageMarks.Tainted) ? "tainted"
        : marks.HasFlag(LineageMarks.Outdated) ? "outdated"
        : "";
}
