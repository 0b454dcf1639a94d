using System.Globalization;
using System.Text;

namespace Node.Client.Lineages.Drawing;

/// <summary>Writes well-formed XML and nothing else: whatever text is given comes out as text.</summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    public override string ToString() => _text.ToString();

    /// <param name="attributes">Name and value in turn; integers or text.</param>
    public SvgWriter Open(string element, params ReadOnlySpan<object> attributes)
    {
        AppendTag(element, attributes);
        _text.Append(">\n");
        _open.Push(element);
        return this;
    }

    public SvgWriter Close()
    {
        _text.Append("</").Append(_open.Pop()).Append(">\n");
        return this;
    }

    public SvgWriter Empty(string element, params ReadOnlySpan<object> attributes)
    {
        AppendTag(element, attributes);
        _text.Append("/>\n");
        return this;
    }

    /// <summary>An element with text in it; none when the text is empty.</summary>
    public SvgWriter Text(string element, string text, params ReadOnlySpan<object> attributes)
    {
        if (text.Length == 0)
            return this;

        AppendTag(element, attributes);
        _text.Append('>');
        AppendEscaped(text);
        _text.Append("</").Append(element).Append(">\n");
        return this;
    }

    private void AppendTag(string element, ReadOnlySpan<object> attributes)
    {
        _text.Append('<').Append(element);
        for (int index = 0; index < attributes.Length; index += 2)
        {
            _text.Append(' ').Append(attributes[index]).Append("=\"");
            AppendEscaped(string.Create(CultureInfo.InvariantCulture, $"{attributes[index + 1]}"));
            _text.Append('"');
        }
    }

    private void AppendEscaped(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\n' => _text.Append("&#10;"),
                _ when IsInXml(rune) => _text.Append(rune.ToString()),
                _ => _text.Append('\uFFFD'),
            };
        }
    }

    // XML 1.0, production Char; a rune is no surrogate.
    private static bool IsInXml(Rune rune) => rune.Value is '\t' or >= 0x20 and not (0xfffe or 0xffff);
}
