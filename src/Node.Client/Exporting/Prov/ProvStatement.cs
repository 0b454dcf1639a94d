namespace Node.Client.Exporting.Prov;

/// <summary>An attribute's value: text, with a type, a language, or neither.</summary>
/// <param name="Type">Null: plain text.</param>
/// <param name="Language">Null: none. Never together with a type.</param>
/// <param name="Name">For the type prov:QUALIFIED_NAME what is named; else null.</param>
public sealed record ProvValue(string Text, ProvName? Type, string? Language, ProvName? Name)
{
    internal static ProvName NameType { get; } = new("prov", "QUALIFIED_NAME", ProvNamespaces.Prov);

    internal static ProvName BooleanType { get; } = new("xsd", "boolean", ProvNamespaces.Xsd);

    internal static ProvName IntType { get; } = new("xsd", "int", ProvNamespaces.Xsd);

    internal static ProvName LongType { get; } = new("xsd", "long", ProvNamespaces.Xsd);

    internal static ProvName DoubleType { get; } = new("xsd", "double", ProvNamespaces.Xsd);

    internal static ProvName StringType { get; } = new("xsd", "string", ProvNamespaces.Xsd);

    private static readonly ProvName s_qName = new("xsd", "QName", ProvNamespaces.Xsd);

    public static ProvValue Of(string text) => new(text, Type: null, Language: null, Name: null);

    public static ProvValue Of(ProvName name) => new(name.ToString(), NameType, Language: null, name);

    public static ProvValue Of(bool value) =>
        new(value ? "true" : "false", BooleanType, Language: null, Name: null);

    public static ProvValue Of(long value) =>
        new(value.ToString(System.Globalization.CultureInfo.InvariantCulture), LongType, Language: null, Name: null);

    /// <summary>A literal as a document spells it, brought into the one spelling of each value.</summary>
    /// <returns>Null when it is a name whose prefix nobody declared.</returns>
    internal static ProvValue? OfLiteral(string text, ProvName? type, string? language, ProvNamespaces namespaces)
    {
        if (type == NameType || type == s_qName)
            return namespaces.Find(text) is { } name ? Of(name) : null;
        if (type == BooleanType)
            return new ProvValue(text is "1" ? "true" : text is "0" ? "false" : text, type, Language: null, Name: null);

        // A language decides the type (prov:InternationalizedString); plain strings need none.
        bool isPlain = language is not null || type == StringType;
        return new ProvValue(text, isPlain ? null : type, language, Name: null);
    }
}

/// <summary>One statement of a document.</summary>
/// <param name="Id">Null for a relation without a name.</param>
/// <param name="Names">One for each formal argument of the kind; null where it is left out or a time.</param>
/// <param name="Times">The same for times, as written.</param>
/// <param name="Attributes">In the document's order.</param>
/// <param name="Line">Where it was read, from 1; 0 when it was made here.</param>
public sealed record ProvStatement(
    ProvKind Kind,
    ProvName? Id,
    IReadOnlyList<ProvName?> Names,
    IReadOnlyList<string?> Times,
    IReadOnlyList<KeyValuePair<ProvName, ProvValue>> Attributes,
    int Line)
{
    private static readonly string[] s_noTimes = [];

    /// <summary>The named argument; null when it is left out.</summary>
    public ProvName? this[string formal] => Kind.IndexOf(formal) is int index and >= 0 ? Names[index] : null;

    public string? TimeOf(string formal) =>
        Kind.IndexOf(formal) is int index and >= 0 && index < Times.Count ? Times[index] : null;

    internal static ProvStatement Element(
        ProvKind kind, ProvName id, IReadOnlyList<KeyValuePair<ProvName, ProvValue>> attributes) =>
        new(kind, id, new ProvName?[kind.Formals.Count], new string?[kind.Formals.Count], attributes, Line: 0);

    internal static ProvStatement Relation(ProvKind kind, params ProvName?[] names)
    {
        var all = new ProvName?[kind.Formals.Count];
        names.CopyTo(all, 0);
        return new ProvStatement(kind, Id: null, all, new string?[all.Length], [], Line: 0);
    }

    internal ProvStatement At(string formal, string? time)
    {
        string?[] times = [.. Times.Count == 0 ? s_noTimes : Times];
        times[Kind.IndexOf(formal)] = time;
        return this with { Times = times };
    }
}
