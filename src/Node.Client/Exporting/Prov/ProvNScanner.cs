using System.Text;

namespace Node.Client.Exporting.Prov;

/// <summary>
/// Takes PROV-N apart into names, strings and marks. What comes next decides the reader, not the scanner.
/// </summary>
internal sealed class ProvNScanner(string text)
{
    private const string TermEnds = " \t\r\n,;()[]\"'<>=";

    private int _at;
    private int _counted;
    private int _line = 1;

    /// <summary>The line of what comes next, from 1.</summary>
    public int Line
    {
        get
        {
            SkipBlanks();
            _line += text.AsSpan(_counted, _at - _counted).Count('\n');
            _counted = _at;
            return _line;
        }
    }

    public bool IsAtEnd
    {
        get
        {
            SkipBlanks();
            return _at == text.Length;
        }
    }

    public ProvSyntaxException Fault(string what) => new(what, Line);

    /// <summary>Takes a mark if it comes next.</summary>
    public bool Take(string mark)
    {
        SkipBlanks();
        if (string.CompareOrdinal(text, _at, mark, 0, mark.Length) != 0)
            return false;

        _at += mark.Length;
        return true;
    }

    public void Require(string mark, string where)
    {
        if (!Take(mark))
            throw Fault($"expected {mark} {where}, found {What()}");
    }

    /// <summary>A keyword, a name, a time, a number, or the mark "-": up to what cannot be part of any.</summary>
    /// <remarks>Backslash escapes of names are taken away (PROV-N, production PN_CHARS_ESC).</remarks>
    public string Term(string expected)
    {
        SkipBlanks();
        var term = new StringBuilder();
        while (_at < text.Length && !TermEnds.Contains(text[_at], StringComparison.Ordinal))
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;

            term.Append(text[_at++]);
        }

        return term.Length > 0 ? term.ToString() : throw Fault($"expected {expected}, found {What()}");
    }

    /// <summary>The keyword that comes next, without taking it.</summary>
    public string PeekTerm()
    {
        SkipBlanks();
        int end = _at;
        while (end < text.Length && !TermEnds.Contains(text[end], StringComparison.Ordinal))
            end++;

        return text[_at..end];
    }

    public char Peek()
    {
        SkipBlanks();
        return _at < text.Length ? text[_at] : '\0';
    }

    /// <summary>An IRI between angle brackets.</summary>
    public string Iri()
    {
        Require("<", "before an IRI");
        int end = text.IndexOfAny(['>', '\n', '<'], _at);
        if (end < 0 || text[end] != '>')
            throw Fault("an IRI does not end with >");

        string iri = text[_at..end];
        _at = end + 1;
        return iri;
    }

    /// <summary>A qualified name between single quotes.</summary>
    public string QuotedName()
    {
        Require("'", "before a name");
        var name = new StringBuilder();
        while (_at < text.Length && text[_at] is not ('\'' or '\n'))
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;

            name.Append(text[_at++]);
        }

        if (_at == text.Length || text[_at] != '\'')
            throw Fault("a quoted name does not end with '");

        _at++;
        return name.ToString();
    }

    /// <summary>A string between quotes, or between triple quotes, which may hold line breaks.</summary>
    public string QuotedString()
    {
        int line = Line;
        bool isLong = Take("\"\"\"");
        if (!isLong)
            Require("\"", "before a string");

        var value = new StringBuilder();
        while (_at < text.Length)
        {
            if (isLong ? string.CompareOrdinal(text, _at, "\"\"\"", 0, 3) == 0 : text[_at] == '"')
            {
                _at += isLong ? 3 : 1;
                return value.ToString();
            }

            if (!isLong && text[_at] == '\n')
                break;

            AppendCharacter(value);
        }

        throw new ProvSyntaxException("a string does not end", line);
    }

    private void AppendCharacter(StringBuilder value)
    {
        char c = text[_at++];
        if (c != '\\' || _at == text.Length)
        {
            value.Append(c);
            return;
        }

        char escaped = text[_at++];
        _ = escaped switch
        {
            't' => value.Append('\t'),
            'b' => value.Append('\b'),
            'n' => value.Append('\n'),
            'r' => value.Append('\r'),
            'f' => value.Append('\f'),
            '"' or '\'' or '\\' => value.Append(escaped),
            _ => value.Append('\\').Append(escaped),   // Programs exist that write backslashes as they are.
        };
    }

    /// <summary>Blanks and comments, which count for nothing.</summary>
    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
                _at++;
            else if (string.CompareOrdinal(text, _at, "//", 0, 2) == 0)
                _at = IndexOrEnd('\n');
            else if (string.CompareOrdinal(text, _at, "/*", 0, 2) == 0)
            {
                int end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                _at = end < 0 ? text.Length : end + 2;
            }
            else
                return;
        }
    }

    private int IndexOrEnd(char c) => text.IndexOf(c, _at) is int index and >= 0 ? index : text.Length;

    private string What() => _at == text.Length ? "the end" : $"\"{Quoted.Short(PeekOrCharacter())}\"";

    private string PeekOrCharacter() => PeekTerm() is { Length: > 0 } term ? term : text[_at].ToString();
}
