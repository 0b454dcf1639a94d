using System.Xml;
using System.Xml.Linq;
using Node.Client.Lineages;

namespace Node.Client.Tests.Lineages;

public class LineageSvgTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Names() => Graphs.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_picture_is_wellformed_and_shows_every_record_once(string name)
    {
        LineageGraph graph = Graphs.Named(name);

        byte[] bytes = LineageSvg.Draw(graph, new LineageSvgOptions());

        XElement svg = Parse(bytes);
        string[] tooltips = [.. svg.Descendants(s_svg + "g").Elements(s_svg + "title").Select(title => title.Value)];
        Assert.Equal(graph.Nodes.Count, tooltips.Length);
        Assert.All(graph.Nodes, node => Assert.Single(tooltips, text =>
            text.Contains($"record: {node.Id}", StringComparison.Ordinal)
            || text.StartsWith(node.Id.Value, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_in_a_picture_acts_or_is_fetched(string name)
    {
        XElement svg = Parse(LineageSvg.Draw(Graphs.Named(name), new LineageSvgOptions()));

        string[] allowed = ["svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g"];
        Assert.All(svg.DescendantsAndSelf(), element => Assert.Contains(element.Name.LocalName, allowed));
        Assert.All(svg.DescendantsAndSelf().Attributes(), attribute => Assert.False(
            attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)
            || attribute.Name.LocalName.EndsWith("href", StringComparison.OrdinalIgnoreCase), attribute.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_graph_gives_the_same_bytes(string name) =>
        Assert.Equal(
            LineageSvg.Draw(Graphs.Named(name), new LineageSvgOptions()),
            LineageSvg.Draw(Graphs.Named(name), new LineageSvgOptions()));

    private static XElement Parse(byte[] bytes)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }
}
