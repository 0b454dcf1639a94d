using System.Xml.Linq;
using Node.Cli.Benching.Charts;

namespace Node.Cli.Tests.Benching;

public class ChartTests
{
    private const double Nothing = double.NaN;

    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_small_chart_is_drawn_as_it_always_was()
    {
        string svg = new LineChart(
            "Rate", "of two", new ChartAxis("count", IsLogarithmic: false), new ChartAxis("tx/s", IsLogarithmic: true),
            [
                new ChartSeries("ours", [new(0, 10, 2), new(10, 1000)], IsReference: false),
                new ChartSeries("theirs", [new(5, 100)], IsReference: true),
            ]).ToSvg();

        string marks = string.Join('\n', Parse(svg).Descendants()
            .Where(element => element.Name.LocalName is "polyline" or "polygon" or "circle")
            .Select(element => element.Name.LocalName + " " + string.Join(
                ' ', element.Attributes().Where(one => one.Name != "stroke-width").Select(one => one.Value))));
        Assert.Equal(
            """
            polygon 148,57 153,62 148,67 143,62 #8d939c
            polyline 78,418 796,92 none #3b82f6
            circle 78 418 3 #3b82f6
            circle 796 92 3 #3b82f6
            polygon 437,250 442,255 437,260 432,255 #8d939c
            """,
            marks);
        Assert.Equal(
            [
                "Rate", "of two", "ours", "theirs", "10", "20", "50", "100", "200", "500", "1000", "tx/s", "0", "2",
                "4", "6", "8", "10", "count",
            ],
            Parse(svg).Descendants(s_svg + "text").Select(text => text.Value));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a < b & \"c\" > 'd'")]
    [InlineData("</text><script>alert(1)</script>")]
    [InlineData("control \u0001 and lone surrogate \uD800")]
    public void Any_text_gives_valid_XML_without_scripts_or_links(string text)
    {
        string[] pictures =
        [
            new LineChart(
                text, text, new ChartAxis(text, IsLogarithmic: false), new ChartAxis(text, IsLogarithmic: true),
                [new ChartSeries(text, [new(1, 2)], IsReference: true)]).ToSvg(),
            new BarChart(
                text, text, text, [text, text], new ChartAxis(text, IsLogarithmic: true),
                [new BarGroup(text, [1, null], IsReference: false)]).ToSvg(),
        ];
        foreach (string picture in pictures)
        {
            XElement svg = Parse(picture);
            Assert.Equal(s_svg + "svg", svg.Name);
            Assert.Empty(svg.Descendants(s_svg + "script"));
            Assert.DoesNotContain(
                svg.DescendantsAndSelf().Attributes(), one => one.Name.LocalName is "href" or "onload");
            Assert.DoesNotContain("NaN", picture, StringComparison.Ordinal);
        }
    }

    // What cannot lie on the axis is left out; nothing is drawn outside of the paper.
    [Theory]
    [InlineData(true, 1.0, 10.0, 100.0)]
    [InlineData(true, 0.0, -5.0, Nothing)]
    [InlineData(false, 0.0, 0.0, 0.0)]
    [InlineData(false, -3.0, 5.0, double.PositiveInfinity)]
    [InlineData(true, 1e-9, 1e12, 1.0)]
    [InlineData(false, 7.0, 7.0, 7.0)]
    public void Marks_stay_on_the_paper(bool isLogarithmic, double one, double two, double three)
    {
        string svg = new LineChart(
            "t", "s", new ChartAxis("x", isLogarithmic), new ChartAxis("y", isLogarithmic),
            [new ChartSeries("n", [new(one, three), new(two, one), new(three, two)], IsReference: false)]).ToSvg();

        foreach (XElement circle in Parse(svg).Descendants(s_svg + "circle"))
        {
            // Every circle has both.
            Assert.InRange((double)circle.Attribute("cx")!, ChartFrame.Left, ChartFrame.Right);
            Assert.InRange((double)circle.Attribute("cy")!, ChartFrame.Top, ChartFrame.Bottom);
        }
    }

    [Fact]
    public void No_points_give_an_empty_paper_with_axes()
    {
        string svg = new LineChart(
            "t", "s", new ChartAxis("x", IsLogarithmic: true), new ChartAxis("y", IsLogarithmic: false), []).ToSvg();

        Assert.NotEmpty(Parse(svg).Descendants(s_svg + "line"));
        Assert.Empty(Parse(svg).Descendants(s_svg + "circle"));
    }

    [Theory]
    [InlineData(false, "0 93", "0 20 40 60 80 100")]
    [InlineData(false, "0 0.7", "0 0.2 0.4 0.6 0.8")]
    [InlineData(false, "10 3276", "0 1000 2000 3000 4000")]
    [InlineData(true, "10 10000", "10 100 1000 10k")]
    [InlineData(true, "12 90", "10 20 50 100 200")]
    [InlineData(true, "1000 6000000", "1000 10k 100k 1M 10M")]
    public void Ticks_are_round_and_hold_all_values(bool isLogarithmic, string values, string expected)
    {
        var scale = new ChartScale(
            new ChartAxis("", isLogarithmic),
            values.Split(' ').Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
            from: 0, to: 100);

        Assert.Equal(expected, string.Join(' ', scale.Ticks.Select(ChartScale.Text)));
    }

    [Fact]
    public void Bars_of_others_are_hollow_and_missing_ones_are_not_drawn()
    {
        string svg = new BarChart(
            "t", "s", "c", ["one", "two"], new ChartAxis("ms", IsLogarithmic: false),
            [
                new BarGroup("ours", [1, 2], IsReference: false), new BarGroup("thesis", [null, 4], IsReference: true),
            ]).ToSvg();

        XElement[] bars = [.. Parse(svg).Descendants(s_svg + "rect").Where(bar => (double)bar.Attribute("y")! > 80)];
        Assert.Equal(3, bars.Length);
        Assert.Single(bars, bar => bar.Attribute("fill")!.Value == "none");   // Every rectangle has one.
    }

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;   // A document has a root.
}
