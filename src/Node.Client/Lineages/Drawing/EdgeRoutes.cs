namespace Node.Client.Lineages.Drawing;

/// <summary>
/// Decides where edges leave and reach their boxes, so that those of one box fan out instead of merging.
/// </summary>
internal sealed class EdgeRoutes(
    LineageGraph graph, IReadOnlyList<PictureBox> boxes, IReadOnlyList<(int Source, int Result)> edges, bool isVertical)
{
    private const int PortGapMax = 12;

    /// <param name="passages">The points between both ends of an edge, by the edge's index.</param>
    public List<PictureEdge> All(Func<int, List<(int X, int Y)>> passages)
    {
        var between = new List<(int X, int Y)>[edges.Count];
        for (int edge = 0; edge < edges.Count; edge++)
            between[edge] = passages(edge);

        // An end's port depends on where the edge goes next: on its first passage, else on the other box.
        int[] starts = PortsOf(edge => edge.Source, (index, edge) =>
            between[index].Count > 0 ? Across(between[index][0]) : CentreOf(boxes[edge.Result]));
        int[] ends = PortsOf(edge => edge.Result, (index, edge) =>
            between[index].Count > 0 ? Across(between[index][^1]) : CentreOf(boxes[edge.Source]));
        var routed = new List<PictureEdge>(edges.Count);
        for (int edge = 0; edge < edges.Count; edge++)
        {
            (int source, int result) = edges[edge];
            (int X, int Y)[] points =
                [At(EndOf(boxes[source]), starts[edge]), .. between[edge], At(StartOf(boxes[result]), ends[edge])];
            routed.Add(new PictureEdge(source, result, points, MarksOf(boxes[source])));
        }

        return routed;
    }

    private int[] PortsOf(
        Func<(int Source, int Result), int> boxOf, Func<int, (int Source, int Result), int> towards)
    {
        int[] ports = new int[edges.Count];
        foreach (IGrouping<int, int> atBox in Enumerable.Range(0, edges.Count).GroupBy(index => boxOf(edges[index])))
        {
            int[] sorted = [.. atBox.OrderBy(index => towards(index, edges[index])).ThenBy(index => index)];
            PictureBox box = boxes[atBox.Key];
            int side = (isVertical ? box.Width : box.Height) - 16;
            int gap = sorted.Length < 2 ? 0 : Math.Min(PortGapMax, side / (sorted.Length - 1));
            int first = CentreOf(box) - gap * (sorted.Length - 1) / 2;
            for (int place = 0; place < sorted.Length; place++)
                ports[sorted[place]] = first + gap * place;
        }

        return ports;
    }

    private LineageMarks MarksOf(PictureBox box) => box.IsGroup ? LineageMarks.None : graph.Nodes[box.Nodes[0]].Marks;

    private int CentreOf(PictureBox box) => isVertical ? box.X + box.Width / 2 : box.Y + box.Height / 2;

    private int StartOf(PictureBox box) => isVertical ? box.Y : box.X;

    private int EndOf(PictureBox box) => isVertical ? box.Y + box.Height : box.X + box.Width;

    private int Across((int X, int Y) point) => isVertical ? point.X : point.Y;

    private (int X, int Y) At(int along, int across) => isVertical ? (across, along) : (along, across);
}
