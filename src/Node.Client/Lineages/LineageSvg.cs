using System.Globalization;
using System.Text;
using Node.Client.Lineages.Drawing;
using Node.Client.Recording;

namespace Node.Client.Lineages;

/// <summary>How a picture is drawn.</summary>
public sealed record LineageSvgOptions
{
    /// <summary>Stands above the picture; empty: what the graph says of itself.</summary>
    public string Title { get; init; } = "";

    /// <summary>Most records drawn, the nearest to the roots; the others are counted.</summary>
    public int NodesMax { get; init; } = 1_500;
}

/// <summary>
/// A graph as a picture: a standalone SVG file without scripts, for light and dark pages. Sources stand on the left (of
/// long chains: at the top), results on the right.
/// </summary>
public static class LineageSvg
{
    /// <returns>UTF-8; the same graph gives the same bytes.</returns>
    public static byte[] Draw(LineageGraph graph, LineageSvgOptions options)
    {
        LineageGraph drawn = graph.Nodes.Count <= options.NodesMax
            ? graph
            : graph.Restrict(graph.Nodes.Take(options.NodesMax).Select(node => node.Id).ToHashSet());
        return Encoding.UTF8.GetBytes(new LineageDrawing(drawn, options.Title, graph.Nodes.Count).Draw());
    }

    /// <summary>What a picture of a graph is called when nobody says.</summary>
    internal static string TitleOf(LineageGraph graph)
    {
        LineageNode[] roots = [.. graph.Roots];
        string what = roots.Length == 1
            ? LineageSvgText.TitleOf(roots[0])
            : string.Create(CultureInfo.InvariantCulture, $"{roots.Length} records");
        if (roots.Length == 0)
            return "Lineage";
        if (roots[0].Is(LineageMarks.Tainted))
            return $"What {what} tainted";

        return graph.Direction == LineageDirection.Up ? $"Where {what} comes from" : $"What came of {what}";
    }
}
