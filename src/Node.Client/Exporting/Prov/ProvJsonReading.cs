using System.Text.Json;

namespace Node.Client.Exporting.Prov;

/// <summary>Turns JSON into PROV statements. Reads one document; the first fault ends it.</summary>
internal sealed class ProvJsonReading
{
    private int _statements;

    public string? Fault { get; private set; }

    /// <returns>Null exactly when <see cref="Fault"/> says why.</returns>
    public ProvDocument? Read(LocatedJson root)
    {
        if (!IsObject(root, "the document"))
            return null;

        ProvBundle main = ReadBundle(root, id: null, outer: null);
        var bundles = new List<ProvBundle>();
        if (Fault is null && root["bundle"] is { } inner && IsObject(inner, "\"bundle\""))
        {
            foreach ((string name, LocatedJson content) in inner.Ordered)
                ReadInnerBundle(name, content, main.Namespaces, bundles);
        }

        return Fault is null ? new ProvDocument(main, bundles) : null;
    }

    private void ReadInnerBundle(
        string name, LocatedJson content, ProvNamespaces outer, List<ProvBundle> bundles)
    {
        if (Fault is not null || !IsObject(content, $"the bundle \"{Quoted.Short(name)}\""))
            return;
        if (bundles.Count == ImportLimits.BundlesMax)
            Fail(content, $"more than {ImportLimits.BundlesMax} bundles, the limit");
        else if (content["bundle"] is { } nested)
            Fail(nested, "a bundle within a bundle, which PROV does not know");
        else
        {
            // A bundle may be named in its own namespaces or in the document's.
            ProvBundle bundle = ReadBundle(content, id: null, outer);
            if (bundle.Namespaces.Find(name) is { } id)
                bundles.Add(bundle with { Id = id });
            else
                Fail(content, UnknownName(name));
        }
    }

    private ProvBundle ReadBundle(LocatedJson content, ProvName? id, ProvNamespaces? outer)
    {
        var namespaces = new ProvNamespaces(outer);
        var statements = new List<ProvStatement>();
        ReadPrefixes(content["prefix"], namespaces);
        foreach ((string name, LocatedJson value) in content.Ordered)
        {
            if (Fault is not null || name is "prefix" or "bundle")
                continue;
            if (ProvKind.Find(name) is not { } kind)
                Fail(value, $"\"{Quoted.Short(name)}\" is no kind of PROV statement");
            else if (IsObject(value, $"\"{name}\""))
                ReadKind(kind, value, namespaces, statements);
        }

        return new ProvBundle(id, namespaces, statements);
    }

    private void ReadPrefixes(LocatedJson? prefixes, ProvNamespaces namespaces)
    {
        if (prefixes is null || !IsObject(prefixes, "\"prefix\""))
            return;

        foreach ((string prefix, LocatedJson uri) in prefixes.Ordered)
        {
            if (uri.Kind != JsonValueKind.String)
                Fail(uri, $"the URI of the prefix \"{Quoted.Short(prefix)}\" is not a string");
            else if (prefix == "default")
                namespaces.DeclareDefault(uri.Text);
            else if (namespaces.Declare(prefix, uri.Text) is { } wrong)
                Fail(uri, wrong);
        }
    }

    private void ReadKind(ProvKind kind, LocatedJson named, ProvNamespaces namespaces, List<ProvStatement> statements)
    {
        foreach ((string name, LocatedJson value) in named.Ordered)
        {
            // One name may stand for several statements: their contents are then a list.
            IReadOnlyList<LocatedJson> contents = value.Kind == JsonValueKind.Array ? value.Items : [value];
            foreach (LocatedJson content in contents)
            {
                if (Fault is null && IsObject(content, $"{kind} \"{Quoted.Short(name)}\""))
                    ReadStatement(kind, name, content, namespaces, statements);
            }
        }
    }

    private void ReadStatement(
        ProvKind kind, string name, LocatedJson content, ProvNamespaces namespaces, List<ProvStatement> statements)
    {
        bool isBlank = name.StartsWith("_:", StringComparison.Ordinal);
        ProvName? id = isBlank ? null : namespaces.Find(name);
        if (id is null && (!isBlank || kind.IsElement))
        {
            Fail(content, isBlank ? $"{kind} \"{Quoted.Short(name)}\" needs a name" : UnknownName(name));
            return;
        }

        var statement = new Draft(kind, id, content.Line);
        foreach ((string attribute, LocatedJson value) in content.Ordered)
            ReadAttribute(statement, attribute, value, namespaces);

        if (Fault is null && statement.MissingFormal() is { } missing)
            Fail(content, $"{kind} \"{Quoted.Short(name)}\" has no prov:{missing}");
        if (Fault is null)
            Add(statement, content, statements);
    }

    private void Add(Draft draft, LocatedJson content, List<ProvStatement> statements)
    {
        // A membership of several entities is several memberships.
        statements.Add(draft.ToStatement(draft.Names));
        foreach (ProvName member in draft.MoreMembers)
            statements.Add(draft.ToStatement([draft.Names[0], member]));

        _statements += 1 + draft.MoreMembers.Count;
        if (_statements > ImportLimits.StatementsMax)
            Fail(content, $"more than {ImportLimits.StatementsMax} statements, the limit");
    }

    private void ReadAttribute(Draft statement, string name, LocatedJson value, ProvNamespaces namespaces)
    {
        if (Fault is not null)
            return;
        if (namespaces.Find(name) is not { } attribute)
        {
            Fail(value, UnknownName(name));
            return;
        }

        IReadOnlyList<LocatedJson> values = value.Kind == JsonValueKind.Array ? value.Items : [value];
        int formal = attribute.Namespace == ProvNamespaces.Prov ? statement.Kind.IndexOf(attribute.Local) : -1;
        foreach (LocatedJson one in values)
        {
            if (Fault is not null)
                return;
            if (formal >= 0)
                ReadFormal(statement, formal, one, namespaces);
            else if (statement.Attributes.Count == ImportLimits.AttributesMax)
                Fail(one, $"more than {ImportLimits.AttributesMax} attributes of one statement, the limit");
            else if (ReadValue(one, namespaces) is { } read)
                statement.Attributes.Add(new KeyValuePair<ProvName, ProvValue>(attribute, read));
        }
    }

    private void ReadFormal(Draft statement, int formal, LocatedJson value, ProvNamespaces namespaces)
    {
        string what = $"prov:{statement.Kind.Formals[formal]}";
        string? text = value.Kind == JsonValueKind.Object ? value.TextOf("$") : null;
        text ??= value.Kind == JsonValueKind.String ? value.Text : null;
        if (text is null)
            Fail(value, $"{what} is not a string");
        else if (statement.Kind.IsTime(formal))
            SetTime(statement, formal, value, text);
        else if (namespaces.Find(text) is not { } name)
            Fail(value, UnknownName(text));
        else if (statement.Names[formal] is null)
            statement.Names[formal] = name;
        else if (statement.Kind == ProvKind.Membership && statement.Kind.Formals[formal] == "entity")
            statement.MoreMembers.Add(name);
        else if (statement.Names[formal] != name)
            Fail(value, $"{what} stands twice, with different values");
    }

    private void SetTime(Draft statement, int formal, LocatedJson value, string text)
    {
        if (!ProvTime.IsValid(text))
            Fail(value, $"\"{Quoted.Short(text)}\" is not a time (xsd:dateTime, as 2026-01-31T12:00:00Z)");
        else if (statement.Times[formal] is { } before && before != text)
            Fail(value, $"prov:{statement.Kind.Formals[formal]} stands twice, with different values");
        else
            statement.Times[formal] = text;
    }

    private ProvValue? ReadValue(LocatedJson value, ProvNamespaces namespaces)
    {
        switch (value.Kind)
        {
            case JsonValueKind.String:
                return ProvValue.Of(value.Text);
            case JsonValueKind.True or JsonValueKind.False:
                return new ProvValue(value.Text, ProvValue.BooleanType, Language: null, Name: null);
            case JsonValueKind.Number:
                bool isInteger = value.Text.AsSpan().IndexOfAny('.', 'e', 'E') < 0;
                ProvName type = isInteger ? ProvValue.IntType : ProvValue.DoubleType;
                return new ProvValue(value.Text, type, Language: null, Name: null);
            case JsonValueKind.Object:
                return ReadTyped(value, namespaces);
            default:
                Fail(value, "an attribute's value is a string, a number, a boolean or an object with \"$\"");
                return null;
        }
    }

    private ProvValue? ReadTyped(LocatedJson value, ProvNamespaces namespaces)
    {
        if (value["$"] is not { Kind: not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) } content)
        {
            Fail(value, "a typed value has no \"$\" with its text");
            return null;
        }

        string? typeText = value.TextOf("type");
        ProvName? type = typeText is null ? null : namespaces.Find(typeText);
        if (typeText is not null && type is null)
        {
            Fail(value, UnknownName(typeText));
            return null;
        }

        ProvValue? read = ProvValue.OfLiteral(content.Text, type, value.TextOf("lang"), namespaces);
        if (read is null)
            Fail(value, UnknownName(content.Text));

        return read;
    }

    private bool IsObject(LocatedJson value, string what)
    {
        if (value.Kind != JsonValueKind.Object)
            Fail(value, $"{what} is not an object");

        return value.Kind == JsonValueKind.Object;
    }

    private void Fail(LocatedJson at, string fault) => Fault ??= $"line {at.Line}: {fault}";

    private static string UnknownName(string text) =>
        $"the name \"{Quoted.Short(text)}\" is in no declared namespace (declare its prefix under \"prefix\")";

    private sealed class Draft(ProvKind kind, ProvName? id, int line)
    {
        public ProvKind Kind { get; } = kind;

        public ProvName?[] Names { get; } = new ProvName?[kind.Formals.Count];

        public string?[] Times { get; } = new string?[kind.Formals.Count];

        public List<KeyValuePair<ProvName, ProvValue>> Attributes { get; } = [];

        public List<ProvName> MoreMembers { get; } = [];

        public string? MissingFormal()
        {
            for (int index = 0; index < Kind.Required; index++)
            {
                if (Names[index] is null)
                    return Kind.Formals[index];
            }

            return null;
        }

        public ProvStatement ToStatement(IReadOnlyList<ProvName?> names) =>
            new(Kind, id, names, Times, Attributes, line);
    }
}
