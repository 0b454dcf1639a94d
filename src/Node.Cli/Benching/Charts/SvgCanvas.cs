using System.Globalization;
using System.Text;
using System.Xml;

namespace Node.Cli.Benching.Charts;

/// <summary>
/// Writes one picture. There are no scripts, no fonts and no links in it, and its colours read on light and dark
/// ground.
/// </summary>
internal sealed class SvgCanvas : IDisposable
{
    public const string Ink = "#7c828b";

    private const string Namespace = "http://www.w3.org/2000/svg";
    private const string Font = "system-ui, sans-serif";

    private static readonly string[] s_colors =
        ["#3b82f6", "#e07b39", "#2ca36b", "#b15fd0", "#d2455b", "#1aa3a3", "#a38a1a", "#6f7bd8"];

    private static readonly string[] s_references = ["#8d939c", "#a9936b"];

    private readonly StringBuilder _text = new();
    private readonly XmlWriter _xml;

    /// <param name="title">Also what screen readers say.</param>
    public SvgCanvas(int width, int height, string title)
    {
        _xml = XmlWriter.Create(_text, new XmlWriterSettings
        {
            Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n",
        });
        _xml.WriteStartElement("svg", Namespace);
        Attribute("viewBox", $"0 0 {width} {height}");
        Attribute("width", width);
        Attribute("height", height);
        Attribute("role", "img");
        Attribute("font-family", Font);
        _xml.WriteElementString("title", Namespace, Clean(title));
    }

    /// <summary>Ours are coloured, in order; references are grey and brown.</summary>
    /// <param name="before">Whether each of those before it is a reference.</param>
    public static string ColorOf(bool isReference, IEnumerable<bool> before)
    {
        string[] colors = isReference ? s_references : s_colors;
        return colors[before.Count(one => one == isReference) % colors.Length];
    }

    public void Line(double x1, double y1, double x2, double y2, string color, double width, string? dashes = null)
    {
        Start("line");
        Attribute("x1", x1);
        Attribute("y1", y1);
        Attribute("x2", x2);
        Attribute("y2", y2);
        Stroke(color, width, dashes);
        _xml.WriteEndElement();
    }

    public void Polyline(IEnumerable<(double X, double Y)> points, string color, double width, string? dashes)
    {
        Start("polyline");
        Attribute("points", string.Join(' ', points.Select(point => $"{Text(point.X)},{Text(point.Y)}")));
        Attribute("fill", "none");
        Stroke(color, width, dashes);
        _xml.WriteEndElement();
    }

    public void Circle(double x, double y, double radius, string color)
    {
        Start("circle");
        Attribute("cx", x);
        Attribute("cy", y);
        Attribute("r", radius);
        Attribute("fill", color);
        _xml.WriteEndElement();
    }

    /// <summary>A diamond, which marks what others measured.</summary>
    public void Diamond(double x, double y, double radius, string color)
    {
        Start("polygon");
        Attribute("points", string.Join(' ',
            new[] { (x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y) }
                .Select(corner => $"{Text(corner.Item1)},{Text(corner.Item2)}")));
        Attribute("fill", color);
        _xml.WriteEndElement();
    }

    public void Rectangle(double x, double y, double width, double height, string color, bool isHollow)
    {
        Start("rect");
        Attribute("x", x);
        Attribute("y", y);
        Attribute("width", width);
        Attribute("height", height);
        Attribute("fill", isHollow ? "none" : color);
        if (isHollow)
            Stroke(color, 1.5, "4 3");

        _xml.WriteEndElement();
    }

    /// <param name="anchor">start, middle or end: which point of the text lies at x.</param>
    public void Label(double x, double y, string text, int size, string anchor, bool isBold = false, double turn = 0)
    {
        Start("text");
        Attribute("x", x);
        Attribute("y", y);
        Attribute("font-size", size);
        Attribute("fill", Ink);
        Attribute("text-anchor", anchor);
        if (isBold)
            Attribute("font-weight", "600");
        if (turn != 0)
            Attribute("transform", $"rotate({Text(turn)} {Text(x)} {Text(y)})");

        _xml.WriteString(Clean(text));
        _xml.WriteEndElement();
    }

    /// <summary>The whole picture; nothing can be drawn after it.</summary>
    public string Finish()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return _text.Append('\n').ToString();
    }

    public void Dispose() => _xml.Dispose();

    // Characters that no XML may hold would make the whole picture unreadable.
    private static string Clean(string text) =>
        string.Concat(text.Select(letter => XmlConvert.IsXmlChar(letter) ? letter : '\uFFFD'));

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private void Start(string name) => _xml.WriteStartElement(name, Namespace);

    private void Stroke(string color, double width, string? dashes)
    {
        Attribute("stroke", color);
        Attribute("stroke-width", width);
        if (dashes is not null)
            Attribute("stroke-dasharray", dashes);
    }

    private void Attribute(string name, double value) => Attribute(name, Text(value));

    private void Attribute(string name, string value) => _xml.WriteAttributeString(name, value);
}
