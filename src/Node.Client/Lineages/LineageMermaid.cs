using System.Globalization;
using System.Text;

namespace Node.Client.Lineages;

/// <summary>
/// A graph as a Mermaid flowchart, which many wikis draw. Edges lead from a source to what came of it.
/// </summary>
public static class LineageMermaid
{
    private const int LabelCharsMax = 60;

    public static string Write(LineageGraph graph)
    {
        var text = new StringBuilder("flowchart LR\n");
        for (int index = 0; index < graph.Nodes.Count; index++)
            text.Append(CultureInfo.InvariantCulture, $"  n{index}[\"{LabelOf(graph.Nodes[index])}\"]")
                .Append(ClassOf(graph.Nodes[index]))
                .Append('\n');

        foreach (LineageEdge edge in graph.Edges)
            text.Append(CultureInfo.InvariantCulture, $"  n{edge.Parent} --> n{edge.Child}\n");

        if (graph.IsTruncated)
            text.Append("  more[\"Not all of it: a limit of depth or size was met\"]\n");

        text.Append("  classDef root stroke-width:3px\n");
        text.Append("  classDef outdated fill:#fdf1d8,stroke:#b26a00,color:#333\n");
        text.Append("  classDef tainted fill:#fbe3e3,stroke:#c62f2f,color:#333\n");
        text.Append("  classDef missing fill:#fff,stroke:#c62f2f,color:#333,stroke-dasharray:4\n");
        return text.Append("  classDef leftOut stroke-dasharray:2\n").ToString();
    }

    private static string LabelOf(LineageNode node)
    {
        string id = LineageText.Short(node.Id.Value);
        if (node.Record is not { } record)
            return node.Is(LineageMarks.Missing) ? $"{id}<br/>not on the ledger" : $"{id}<br/>left out";

        string key = Escape(DisplayText.Shorten(DisplayText.Visible(record.Key), LabelCharsMax));
        string who = Escape(DisplayText.Visible($"{record.EnrollmentId}@{record.MspId}"));
        return string.Create(CultureInfo.InvariantCulture, $"{key}<br/>block {record.Block}, {who}");
    }

    private static string ClassOf(LineageNode node) =>
        node.Is(LineageMarks.Missing) ? ":::missing"
        : node.Is(LineageMarks.LeftOut) ? ":::leftOut"
        : node.Is(LineageMarks.Tainted) ? ":::tainted"
        : node.Is(LineageMarks.Outdated) ? ":::outdated"
        : node.Is(LineageMarks.Root) ? ":::root"
        : "";

    // The language has no escape but numbered entities; some of its words act even within quotes.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isPlain = Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or '/' or '_' or '-' or '@' or ',';
            if (isPlain)
                escaped.Append(rune.ToString());
            else
                escaped.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }

        return escaped.ToString();
    }
}
