using System.Globalization;
using System.Text;

namespace Node.Client.Exporting.Prov;

internal static class ProvNWriting
{
    // PROV-N, production PN_CHARS_ESC; "-" and "." need it at the ends alone, where they would be read as marks.
    private const string Escaped = "='(),:;[]";
    private const string Plain = "/@~&+*?#$!_";

    public static string Write(ProvDocument document)
    {
        var text = new StringBuilder("document\n");
        WriteContent(text, document.Main, "  ");
        foreach (ProvBundle bundle in document.Bundles)
        {
            text.Append("  bundle ").Append(Spell(bundle.Id)).Append('\n');
            WriteContent(text, bundle, "    ");
            text.Append("  endBundle\n");
        }

        return text.Append("endDocument\n").ToString();
    }

    private static void WriteContent(StringBuilder text, ProvBundle bundle, string indent)
    {
        if (bundle.Namespaces.Default is { } uri)
            text.Append(indent).Append("default <").Append(Iri(uri)).Append(">\n");
        foreach ((string prefix, string declared) in bundle.Namespaces.Declared)
            text.Append(indent).Append("prefix ").Append(prefix).Append(" <").Append(Iri(declared)).Append(">\n");

        foreach (ProvStatement statement in bundle.Statements)
            WriteStatement(text.Append(indent), statement);
    }

    private static void WriteStatement(StringBuilder text, ProvStatement statement)
    {
        text.Append(statement.Kind.Name).Append('(');
        var arguments = new List<string>();
        if (statement.Kind.IsElement)
            arguments.Add(Spell(statement.Id));
        else if (statement.Id is { } id)
            text.Append(Spell(id)).Append("; ");

        if (!statement.Kind.IsElement || statement.Times.Any(time => time is not null))
        {
            for (int index = 0; index < statement.Names.Count; index++)
            {
                bool isTime = statement.Kind.IsTime(index);
                arguments.Add(isTime ? statement.Times[index] ?? "-" : Spell(statement.Names[index]));
            }
        }

        if (statement.Attributes.Count > 0)
        {
            IEnumerable<string> attributes = statement.Attributes
                .Select(pair => $"{Spell(pair.Key)}={Spell(pair.Value)}");
            arguments.Add($"[{string.Join(", ", attributes)}]");
        }

        text.AppendJoin(", ", arguments).Append(")\n");
    }

    private static string Spell(ProvValue value) => value switch
    {
        { Name: { } name } => $"'{Spell(name)}'",
        { Language: { } language } => $"{Quote(value.Text)}@{language}",
        { Type: { } type } => $"{Quote(value.Text)} %% {Spell(type)}",
        _ => Quote(value.Text),
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static string Spell(ProvName? name)
    {
        if (name is null)
            return "-";

        var local = new StringBuilder(name.Prefix);
        if (name.Prefix.Length > 0)
            local.Append(':');

        string text = name.Local;
        int index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isEnd = index == 0 || index + rune.Utf16SequenceLength == text.Length;
            AppendOf(local, text, index, rune, isEnd);
            index += rune.Utf16SequenceLength;
        }

        return local.ToString();
    }

    private static void AppendOf(StringBuilder local, string text, int index, Rune rune, bool isEnd)
    {
        char c = rune.IsBmp ? (char)rune.Value : 'x';
        bool isPercent = c == '%' && index + 2 < text.Length
            && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]);
        if (Rune.IsLetterOrDigit(rune) || isPercent || Plain.Contains(c, StringComparison.Ordinal))
            local.Append(rune.ToString());
        else if (c is '-' or '.')
            local.Append(isEnd ? "\\" : "").Append(c);
        else if (Escaped.Contains(c, StringComparison.Ordinal))
            local.Append('\\').Append(c);
        else
            AppendPercent(local, rune);
    }

    // The notation cannot spell blanks, quotes and the like in a name.
    private static void AppendPercent(StringBuilder local, Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        int count = rune.EncodeToUtf8(bytes);
        foreach (byte one in bytes[..count])
            local.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
    }

    private static string Iri(string uri) =>
        string.Concat(uri.Select(c => c is '<' or '>' or '\n' or '\r' ? Uri.HexEscape(c) : c.ToString()));
}
