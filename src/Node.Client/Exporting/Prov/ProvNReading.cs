namespace Node.Client.Exporting.Prov;

/// <summary>
/// Turns PROV-N into statements. Reads one document; a fault ends it by <see cref="ProvSyntaxException"/>.
/// </summary>
internal sealed class ProvNReading(ProvNScanner scanner)
{
    private int _statements;

    public ProvDocument ReadDocument()
    {
        RequireKeyword("document");
        ProvNamespaces namespaces = ReadNamespaces(outer: null);
        var statements = new List<ProvStatement>();
        var bundles = new List<ProvBundle>();
        while (scanner.PeekTerm() is var keyword && keyword != "endDocument")
        {
            if (keyword == "bundle")
                bundles.Add(ReadBundle(namespaces, bundles.Count));
            else
                statements.Add(ReadStatement(namespaces));
        }

        RequireKeyword("endDocument");
        return scanner.IsAtEnd
            ? new ProvDocument(new ProvBundle(Id: null, namespaces, statements), bundles)
            : throw scanner.Fault("something follows endDocument");
    }

    private ProvBundle ReadBundle(ProvNamespaces outer, int before)
    {
        if (before == ImportLimits.BundlesMax)
            throw scanner.Fault($"more than {ImportLimits.BundlesMax} bundles, the limit");

        RequireKeyword("bundle");
        int line = scanner.Line;
        string name = scanner.Term("a bundle's name");
        ProvNamespaces namespaces = ReadNamespaces(outer);
        ProvName id = namespaces.Find(name) ?? throw new ProvSyntaxException(UnknownName(name), line);
        var statements = new List<ProvStatement>();
        while (scanner.PeekTerm() != "endBundle")
            statements.Add(ReadStatement(namespaces));

        RequireKeyword("endBundle");
        return new ProvBundle(id, namespaces, statements);
    }

    private ProvNamespaces ReadNamespaces(ProvNamespaces? outer)
    {
        var namespaces = new ProvNamespaces(outer);
        while (scanner.PeekTerm() is "default" or "prefix")
        {
            if (scanner.Term("a declaration") == "default")
                namespaces.DeclareDefault(scanner.Iri());
            else if (namespaces.Declare(scanner.Term("a prefix"), scanner.Iri()) is { } wrong)
                throw scanner.Fault(wrong);
        }

        return namespaces;
    }

    private ProvStatement ReadStatement(ProvNamespaces namespaces)
    {
        if (++_statements > ImportLimits.StatementsMax)
            throw scanner.Fault($"more than {ImportLimits.StatementsMax} statements, the limit");

        int line = scanner.Line;
        string keyword = scanner.Term("a statement");
        (ProvKind kind, string? subtype) = KindOf(keyword)
            ?? throw new ProvSyntaxException($"\"{Quoted.Short(keyword)}\" is no kind of PROV statement", line);
        scanner.Require("(", $"after {kind}");
        ProvName? id = ReadId(kind, namespaces, out string? firstTerm);
        var names = new ProvName?[kind.Formals.Count];
        var times = new string?[kind.Formals.Count];
        List<KeyValuePair<ProvName, ProvValue>> attributes = [];
        if (!kind.IsElement || scanner.Take(","))
        {
            ReadFormals(kind, firstTerm, names, times, namespaces);
            attributes = ReadAttributes(namespaces);
        }

        scanner.Require(")", $"at the end of {kind}");
        if (subtype is not null)
            attributes.Add(new(ProvWords.Type, ProvValue.Of(ProvWords.Prov(subtype))));
        for (int index = 0; index < kind.Required; index++)
        {
            if (names[index] is null)
                throw new ProvSyntaxException($"{kind} has no prov:{kind.Formals[index]}", line);
        }

        return new ProvStatement(kind, id, names, times, attributes, line);
    }

    // Subtypes of derivation have words of their own in the drafts of PROV-N and in the programs that followed them.
    private static (ProvKind Kind, string? Subtype)? KindOf(string keyword) => keyword switch
    {
        "wasRevisionOf" => (ProvKind.Derivation, "Revision"),
        "wasQuotedFrom" => (ProvKind.Derivation, "Quotation"),
        "hadPrimarySource" => (ProvKind.Derivation, "PrimarySource"),
        _ => ProvKind.Find(keyword) is { } kind ? (kind, null) : null,
    };

    /// <param name="firstTerm">A relation's first argument, when no identifier stood before it; else null.</param>
    private ProvName? ReadId(ProvKind kind, ProvNamespaces namespaces, out string? firstTerm)
    {
        firstTerm = null;
        int line = scanner.Line;
        string term = scanner.Term("an identifier");
        if (!kind.IsElement && !scanner.Take(";"))
        {
            firstTerm = term;
            return null;
        }

        // A blank name stands for nothing that another statement could mean.
        bool isNone = !kind.IsElement && (term == "-" || term.StartsWith("_:", StringComparison.Ordinal));
        return isNone ? null : namespaces.Find(term) ?? throw new ProvSyntaxException(UnknownName(term), line);
    }

    private void ReadFormals(
        ProvKind kind, string? firstTerm, ProvName?[] names, string?[] times, ProvNamespaces namespaces)
    {
        int index = 0;
        string? term = firstTerm;
        while (term is not null || scanner.Peek() is not (')' or '['))
        {
            int line = scanner.Line;
            term ??= scanner.Term("an argument");
            if (index == kind.Formals.Count)
                throw new ProvSyntaxException($"{kind} has more than {kind.Formals.Count} arguments", line);

            SetFormal(kind, index++, term, names, times, namespaces, line);
            term = null;
            if (!scanner.Take(","))
                break;
        }
    }

    private static void SetFormal(
        ProvKind kind, int index, string term, ProvName?[] names, string?[] times, ProvNamespaces namespaces, int line)
    {
        if (term == "-")
            return;
        if (!kind.IsTime(index))
            names[index] = namespaces.Find(term) ?? throw new ProvSyntaxException(UnknownName(term), line);
        else
            times[index] = ProvTime.IsValid(term)
                ? term
                : throw new ProvSyntaxException(
                    $"\"{Quoted.Short(term)}\" is not a time (xsd:dateTime, as 2026-01-31T12:00:00Z)", line);
    }

    private List<KeyValuePair<ProvName, ProvValue>> ReadAttributes(ProvNamespaces namespaces)
    {
        var attributes = new List<KeyValuePair<ProvName, ProvValue>>();
        if (!scanner.Take("[") || scanner.Take("]"))
            return attributes;

        do
        {
            int line = scanner.Line;
            if (attributes.Count == ImportLimits.AttributesMax)
                throw scanner.Fault($"more than {ImportLimits.AttributesMax} attributes of one statement, the limit");

            string term = scanner.Term("an attribute");
            ProvName name = namespaces.Find(term) ?? throw new ProvSyntaxException(UnknownName(term), line);
            scanner.Require("=", "after an attribute's name");
            attributes.Add(new KeyValuePair<ProvName, ProvValue>(name, ReadValue(namespaces)));
        }
        while (scanner.Take(","));
        scanner.Require("]", "at the end of the attributes");
        return attributes;
    }

    private ProvValue ReadValue(ProvNamespaces namespaces)
    {
        int line = scanner.Line;
        switch (scanner.Peek())
        {
            case '\'':
                string quoted = scanner.QuotedName();
                ProvName? name = namespaces.Find(quoted);
                return ProvValue.Of(name ?? throw new ProvSyntaxException(UnknownName(quoted), line));
            case '"':
                return ReadLiteral(namespaces);
            default:
                string number = scanner.Term("a value");
                return long.TryParse(number, out _)
                    ? new ProvValue(number, ProvValue.IntType, Language: null, Name: null)
                    : throw new ProvSyntaxException($"\"{Quoted.Short(number)}\" is no value: texts need quotes", line);
        }
    }

    private ProvValue ReadLiteral(ProvNamespaces namespaces)
    {
        int line = scanner.Line;
        string text = scanner.QuotedString();
        if (scanner.Take("@"))
            return new ProvValue(text, Type: null, scanner.Term("a language"), Name: null);
        if (!scanner.Take("%%"))
            return ProvValue.Of(text);

        string typeName = scanner.Term("a type");
        ProvName type = namespaces.Find(typeName) ?? throw new ProvSyntaxException(UnknownName(typeName), line);
        return ProvValue.OfLiteral(text, type, language: null, namespaces)
            ?? throw new ProvSyntaxException(UnknownName(text), line);
    }

    private void RequireKeyword(string keyword)
    {
        if (scanner.PeekTerm() != keyword)
            throw scanner.Fault($"expected {keyword}, found \"{Quoted.Short(scanner.PeekTerm())}\"");

        scanner.Take(keyword);
    }

    private static string UnknownName(string text) =>
        $"the name \"{Quoted.Short(text)}\" is in no declared namespace (declare its prefix first)";
}
