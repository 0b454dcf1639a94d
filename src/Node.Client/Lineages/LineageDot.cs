using System.Globalization;
using System.Text;
using Node.Client.Recording;

namespace Node.Client.Lineages;

/// <summary>A graph in the language of Graphviz. Edges lead from a source to what came of it.</summary>
public static class LineageDot
{
    private const int LabelCharsMax = 60;

    public static string Write(LineageGraph graph)
    {
        var text = new StringBuilder();
        text.Append("digraph lineage {\n");
        text.Append("  rankdir=LR;\n");
        text.Append("  node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fb\", fontname=\"sans-serif\"];\n");
        for (int index = 0; index < graph.Nodes.Count; index++)
            AppendNode(text, index, graph.Nodes[index]);

        foreach (LineageEdge edge in graph.Edges)
            text.Append(CultureInfo.InvariantCulture, $"  n{edge.Parent} -> n{edge.Child};\n");

        if (graph.IsTruncated)
            text.Append("  label=\"Not all of it: a limit of depth or size was met.\";\n");

        return text.Append("}\n").ToString();
    }

    private static void AppendNode(StringBuilder text, int index, LineageNode node)
    {
        string tooltip = node.Record is { } record
            ? $"{DisplayText.Visible(record.Key)} tx {record.TransactionId}"
            : node.Id.Value;
        text.Append(CultureInfo.InvariantCulture, $"  n{index} [label=\"{LabelOf(node)}\", ")
            .Append(CultureInfo.InvariantCulture, $"tooltip=\"{Escape(tooltip)}\"{LookOf(node)}];\n");
    }

    private static string LabelOf(LineageNode node)
    {
        string id = LineageText.Short(node.Id.Value);
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing) ? $"{id}\\nnot on the ledger" : $"{id}\\nleft out";

        string key = Escape(DisplayText.Shorten(DisplayText.Visible(record.Key), LabelCharsMax));
        return $"{key}\\n{Escape(Line(record))}{(record.IsOutdated ? "\\noutdated" : "")}";
    }

    private static string Line(ProvenanceRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"block {record.Block}, {DisplayText.Visible(record.EnrollmentId)}@{DisplayText.Visible(record.MspId)}");

    private static string LookOf(LineageNode node)
    {
        string pen = node.Is(LineageMarks.Root) ? ", penwidth=2.5" : "";
        if (node.Is(LineageMarks.Missing))
            return ", style=\"rounded,dashed\", color=\"#c62f2f\"";
        if (node.Is(LineageMarks.LeftOut))
            return ", style=\"rounded,dotted\"";
        if (node.Is(LineageMarks.Tainted))
            return $", fillcolor=\"#fbe3e3\", color=\"#c62f2f\"{pen}";

        return node.Is(LineageMarks.Outdated) ? $", fillcolor=\"#fdf1d8\", color=\"#b26a00\"{pen}" : pen;
    }

    // Graphviz reads backslashes and, within labels, the entities of HTML.
    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("&", "&amp;", StringComparison.Ordinal);
}
