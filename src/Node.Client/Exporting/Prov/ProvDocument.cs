using System.Globalization;
using System.Text;

namespace Node.Client.Exporting.Prov;

/// <summary>Statements with the namespaces that their names are in.</summary>
/// <param name="Id">Null for the document's own statements.</param>
public sealed record ProvBundle(ProvName? Id, ProvNamespaces Namespaces, IReadOnlyList<ProvStatement> Statements);

/// <summary>A PROV document: statements, and named bundles of statements.</summary>
/// <remarks>Immutable once read or made. Source: W3C Recommendation PROV-DM (2013).</remarks>
public sealed record ProvDocument(ProvBundle Main, IReadOnlyList<ProvBundle> Bundles)
{
    /// <summary>All statements, those of the document first.</summary>
    public IEnumerable<ProvStatement> Statements =>
        Main.Statements.Concat(Bundles.SelectMany(bundle => bundle.Statements));

    /// <summary>
    /// The document's meaning as text: a line for each statement, sorted, with names in full and times in UTC. Two
    /// documents say the same exactly when these texts are equal, whatever their format, prefixes and order.
    /// </summary>
    public string ToCanonicalText()
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ProvStatement statement in Main.Statements)
            lines.Add(LineOf(statement));

        foreach (ProvBundle bundle in Bundles)
        {
            foreach (ProvStatement statement in bundle.Statements)
                lines.Add($"bundle {Spell(bundle.Id)} {LineOf(statement)}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>One statement's line.</summary>
    internal static string LineOf(ProvStatement statement)
    {
        var line = new StringBuilder(statement.Kind.Name).Append('(');
        line.Append(statement.Id is null ? "" : Spell(statement.Id)).Append(';');
        for (int index = 0; index < statement.Names.Count; index++)
            line.Append(statement.Kind.IsTime(index) ? Instant(statement.Times[index]) : Spell(statement.Names[index]))
                .Append(',');

        IEnumerable<string> attributes = statement.Attributes
            .Select(pair => $"{Spell(pair.Key)}={Spell(pair.Value)}")
            .Distinct()
            .Order(StringComparer.Ordinal);
        return line.Append('[').AppendJoin(", ", attributes).Append("])").ToString();
    }

    private static string Spell(ProvName? name) => name is null ? "-" : $"<{name.Uri}>";

    private static string Spell(ProvValue value)
    {
        if (value.Name is { } name)
            return Spell(name);

        // Integers of all widths are one kind of number, and so are all spellings of one instant.
        string type = IsInteger(value.Type) ? "integer" : value.Type?.Uri ?? value.Language ?? "";
        string text = value.Type?.Uri == ProvNamespaces.Xsd + "dateTime" ? Instant(value.Text) : value.Text;
        return $"{text.Length}:{text}^{type}";
    }

    private static bool IsInteger(ProvName? type) =>
        type?.Namespace == ProvNamespaces.Xsd && type.Local is "int" or "long" or "integer";

    private static string Instant(string? text) =>
        text is null ? "-"
        : DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset time)
            ? time.ToString("o", CultureInfo.InvariantCulture)
            : text;
}
