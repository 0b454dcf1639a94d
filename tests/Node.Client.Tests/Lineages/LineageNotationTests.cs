using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Client.Tests.Exporting;

namespace Node.Client.Tests.Lineages;

/// <summary>Trees, DOT, Mermaid and JSON: complete, and nothing that a key says acts in them.</summary>
public partial class LineageNotationTests
{
    public static TheoryData<string> Names() => Graphs.Names();

    [Fact]
    public void A_tree_shows_shared_records_once_in_full_and_counts_what_it_leaves_out()
    {
        LineageGraph graph = Records.Graph(
            Records.Of("top", 9, "left", "right", "x1", "x2"), Records.Of("left", 5, "base"),
            Records.Of("right", 6, "base"), Records.Of("base", 1, "root"), Records.Of("root", 0), Records.Of("x1", 2),
            Records.Of("x2", 3));

        string[] lines = LineageText.Write(graph, width: 3).Split('\n');

        Assert.Equal(
            [
                "top", "├─ left", "│  └─ base", "│     └─ root", "├─ right", "│  └─ base (see above)", "├─ x1",
                "└─ and 1 more", "",
            ],
            lines.Select(line => FactsPart().Replace(line, "")));
    }

    [Fact]
    public void A_tree_names_what_is_outdated_missing_and_tainted()
    {
        string origin = LineageText.Write(Records.Weather(), LineageTree.AllWidth);
        string impact = LineageText.Write(Graphs.Named("impact"), LineageTree.AllWidth);

        Assert.Contains("OUTDATED: replaced by", origin, StringComparison.Ordinal);
        Assert.Contains("is not on the ledger", origin, StringComparison.Ordinal);
        Assert.Contains("SOURCE", impact, StringComparison.Ordinal);
        Assert.Contains("TAINTED", impact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_of_ten_thousand_levels_is_written() =>
        Assert.Equal(10_000, LineageText.Write(Graphs.Chain(10_000), LineageTree.AllWidth).Count(c => c == '\n'));

    [Fact]
    public void A_tree_is_one_line_for_each_record_whatever_the_keys_hold()
    {
        LineageGraph graph = Records.HostileChain();

        string text = LineageText.Write(graph, LineageTree.AllWidth);

        Assert.Equal(graph.Nodes.Count, text.Split('\n').Length - 1);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dot_is_nodes_and_edges_by_number_and_quoted_text(string name)
    {
        LineageGraph graph = Graphs.Named(name);

        string[] lines = LineageDot.Write(graph).Split('\n');

        Assert.Equal(graph.Nodes.Count, lines.Count(line => DotNode().IsMatch(line)));
        Assert.Equal(graph.Edges.Count, lines.Count(line => DotEdge().IsMatch(line)));
        Assert.Equal(graph.Nodes.Count + graph.Edges.Count + 5, lines.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mermaid_is_nodes_and_edges_by_number_and_plain_characters(string name)
    {
        LineageGraph graph = Graphs.Named(name);

        string[] lines = LineageMermaid.Write(graph).Split('\n');

        Assert.Equal("flowchart LR", lines[0]);
        Assert.Equal(graph.Nodes.Count, lines.Count(line => MermaidNode().IsMatch(line)));
        Assert.Equal(graph.Edges.Count, lines.Count(line => MermaidEdge().IsMatch(line)));
        Assert.Equal(graph.Nodes.Count + graph.Edges.Count + 7, lines.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Json_holds_every_record_and_edge_unchanged(string name)
    {
        LineageGraph graph = Graphs.Named(name);

        JsonElement json = JsonDocument.Parse(LineageJsonText.Write(graph)).RootElement;

        Assert.Equal(
            graph.Records.Select(record => (record.Key, record.TransactionId.Value, record.Description)),
            json.GetProperty("records").EnumerateArray().Select(record => (
                record.GetProperty("key").GetString()!, record.GetProperty("transactionId").GetString()!,
                record.GetProperty("description").GetString()!)));
        Assert.Equal(
            graph.Edges.Select(edge => (graph.Nodes[edge.Child].Id.Value, graph.Nodes[edge.Parent].Id.Value)),
            json.GetProperty("edges").EnumerateArray().Select(edge => (
                edge.GetProperty("child").GetString()!, edge.GetProperty("parent").GetString()!)));
    }

    [Fact]
    public void A_restricted_graph_keeps_what_lies_between()
    {
        LineageGraph graph = Records.Weather();

        LineageGraph kept = graph.Restrict(
            new HashSet<Protocol.TxId> { Records.Id("climate"), Records.Id("year/2012"), Records.Id("month/2012-01") });

        Assert.Equal(["climate", "year/2012", "month/2012-01"], kept.Records.Select(record => record.Key));
        Assert.Equal([new LineageEdge(0, 1), new LineageEdge(1, 2)], kept.Edges);
    }

    [Fact]
    public void Records_derived_in_a_circle_are_drawn_all_the_same()
    {
        ProvenanceRecord[] circle =
        [
            .. Enumerable.Range(0, 5)
                .Select(i => Records.Of($"{i}", i, ((i + 1) % 5).ToString(CultureInfo.InvariantCulture))),
        ];
        LineageGraph graph = Records.Graph(circle);

        Assert.NotEmpty(LineageSvg.Draw(graph, new LineageSvgOptions()));
        Assert.Equal(6, LineageText.Write(graph, LineageTree.AllWidth).Count(c => c == '\n'));
    }

    [GeneratedRegex(@"  tx [0-9a-f]{12}  block \d+  \S+?@\S+MSP ?")]
    private static partial Regex FactsPart();

    [GeneratedRegex(
        @"^  n\d+ \[label=""(?:[^""\\]|\\.)*"", tooltip=""(?:[^""\\]|\\.)*""(?:, \w+=(?:""[\w#,]*""|[\d.]+))*\];$")]
    private static partial Regex DotNode();

    [GeneratedRegex(@"^  n\d+ -> n\d+;$")]
    private static partial Regex DotEdge();

    [GeneratedRegex(@"^  n\d+\[""(?:[\p{L}\p{N} ./_@,-]|#\d+;|<br/>)*""\](?::::\w+)?$")]
    private static partial Regex MermaidNode();

    [GeneratedRegex(@"^  n\d+ --> n\d+$")]
    private static partial Regex MermaidEdge();
}
