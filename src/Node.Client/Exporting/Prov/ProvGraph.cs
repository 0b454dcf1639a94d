namespace Node.Client.Exporting.Prov;

/// <summary>An entity with everything that a document says of it.</summary>
internal sealed class ProvEntity(ProvName name, int line)
{
    public ProvName Name { get; } = name;

    /// <summary>Where it is declared first, or named when nothing declares it.</summary>
    public int Line { get; } = line;

    public List<KeyValuePair<ProvName, ProvValue>> Attributes { get; } = [];

    public List<ProvStatement> Derivations { get; } = [];

    public List<ProvStatement> Generations { get; } = [];

    public List<ProvName> Attributions { get; } = [];

    public List<ProvName> Members { get; } = [];

    public ProvValue? Find(ProvName attribute) =>
        Attributes.Where(pair => pair.Key == attribute).Select(pair => pair.Value).FirstOrDefault();

    /// <summary>The text of an attribute; empty when there is none.</summary>
    public string TextOf(ProvName attribute) => Find(attribute) is { } value ? ProvWords.TextOf(value) : "";

    public bool HasType(ProvName type) =>
        Attributes.Any(pair => pair.Key == ProvWords.Type && pair.Value.Name == type);
}

/// <summary>An activity with what it used and who was responsible.</summary>
internal sealed class ProvActivity(ProvName name)
{
    public ProvName Name { get; } = name;

    public string? Start { get; set; }

    public string? End { get; set; }

    public List<KeyValuePair<ProvName, ProvValue>> Attributes { get; } = [];

    public List<ProvStatement> Usages { get; } = [];

    public List<ProvName> Agents { get; } = [];
}

/// <summary>A document's statements, gathered around the entities and activities that they are about.</summary>
/// <remarks>Bundles count as part of the document: an entity is the same in all of them.</remarks>
internal sealed class ProvGraph
{
    private readonly Dictionary<ProvName, ProvEntity> _entities = [];
    private readonly Dictionary<ProvName, ProvActivity> _activities = [];
    private readonly HashSet<ProvName> _others = [];   // Agents and bundles.
    private readonly bool _allowUndeclared;

    private ProvGraph(bool allowUndeclared) => _allowUndeclared = allowUndeclared;

    /// <summary>In the order of the document.</summary>
    public List<ProvEntity> Entities { get; } = [];

    /// <summary>How many statements there are of the kinds that no record holds.</summary>
    public SortedDictionary<string, int> Unheld { get; } = new(StringComparer.Ordinal);

    public string? Fault { get; private set; }

    public static ProvGraph Of(ProvDocument document, bool allowUndeclared)
    {
        var graph = new ProvGraph(allowUndeclared);
        foreach (ProvBundle bundle in document.Bundles)
            graph._others.Add(bundle.Id!);   // Only a document's own statements are in no named bundle.

        foreach (ProvStatement statement in document.Statements)
            graph.Declare(statement);
        foreach (ProvStatement statement in document.Statements)
            graph.Gather(statement);

        return graph;
    }

    public ProvEntity? Find(ProvName name) => _entities.GetValueOrDefault(name);

    public ProvActivity? FindActivity(ProvName name) => _activities.GetValueOrDefault(name);

    private void Declare(ProvStatement statement)
    {
        if (statement.Kind == ProvKind.Agent)
            _others.Add(statement.Id!);   // Elements have a name, here and below.
        else if (statement.Kind == ProvKind.Activity)
            DeclareActivity(statement);
        else if (statement.Kind == ProvKind.Entity)
        {
            if (_activities.ContainsKey(statement.Id!))
                Fail(statement, $"{statement.Id} is an activity already, and nothing is both");

            AddEntity(statement.Id!, statement.Line).Attributes.AddRange(statement.Attributes);
        }
    }

    private void DeclareActivity(ProvStatement statement)
    {
        if (_entities.ContainsKey(statement.Id!))
            Fail(statement, $"{statement.Id} is an entity already, and nothing is both");

        ProvActivity activity = AddActivity(statement.Id!);
        if (Differ(activity.Start, statement.TimeOf("startTime")) || Differ(activity.End, statement.TimeOf("endTime")))
            Fail(statement, $"the activity {statement.Id} stands twice, with different times");

        activity.Start ??= statement.TimeOf("startTime");
        activity.End ??= statement.TimeOf("endTime");
        activity.Attributes.AddRange(statement.Attributes);
    }

    private void Gather(ProvStatement statement)
    {
        if (Fault is not null || statement.Kind.IsElement)
            return;

        RequireDeclared(statement);
        if (Fault is not null)
            return;

        switch (statement.Kind.Name)
        {
            case "wasDerivedFrom":
                _entities[statement["generatedEntity"]!].Derivations.Add(statement);   // Required, as all below.
                break;
            case "wasGeneratedBy":
                _entities[statement["entity"]!].Generations.Add(statement);
                break;
            case "wasAttributedTo":
                _entities[statement["entity"]!].Attributions.Add(statement["agent"]!);
                break;
            case "hadMember":
                _entities[statement["collection"]!].Members.Add(statement["entity"]!);
                break;
            case "used" when statement["entity"] is not null:
                _activities[statement["activity"]!].Usages.Add(statement);
                break;
            case "wasAssociatedWith" when statement["agent"] is { } agent:
                _activities[statement["activity"]!].Agents.Add(agent);
                break;
            case "wasInvalidatedBy" or "actedOnBehalfOf" when IsOwn(statement):
                break;
            default:
                Unheld[statement.Kind.Name] = Unheld.GetValueOrDefault(statement.Kind.Name) + 1;
                break;
        }
    }

    // What our own documents say of versions and identities follows from the records again.
    private static bool IsOwn(ProvStatement statement) =>
        statement.Names[0]?.Namespace is ProvWords.RecordNamespace or ProvWords.AgentNamespace;

    private void RequireDeclared(ProvStatement statement)
    {
        for (int index = 0; index < statement.Names.Count; index++)
        {
            string formal = statement.Kind.Formals[index];
            if (statement.Names[index] is { } name && formal is not ("generation" or "usage" or "bundle"))
                RequireDeclared(statement, formal, name);
        }
    }

    private void RequireDeclared(ProvStatement statement, string formal, ProvName name)
    {
        bool isActivity = formal is "activity" or "informed" or "informant" or "starter" or "ender";
        bool isEntity = formal is "entity" or "generatedEntity" or "usedEntity" or "collection" or "trigger";
        bool isDeclared = isActivity ? _activities.ContainsKey(name)
            : isEntity ? _entities.ContainsKey(name)
            : _others.Contains(name) || _activities.ContainsKey(name) || _entities.ContainsKey(name);
        if (isDeclared)
            return;

        if (!_allowUndeclared)
            Fail(
                statement,
                $"{statement.Kind} names {Quoted.Short(name.ToString())} as its prov:{formal}, which the document " +
                "does not declare");
        else if (isActivity)
            AddActivity(name);
        else if (isEntity)
            AddEntity(name, statement.Line);
        else
            _others.Add(name);
    }

    private ProvEntity AddEntity(ProvName name, int line)
    {
        if (_entities.TryGetValue(name, out ProvEntity? known))
            return known;

        var entity = new ProvEntity(name, line);
        _entities.Add(name, entity);
        Entities.Add(entity);
        return entity;
    }

    private ProvActivity AddActivity(ProvName name)
    {
        if (!_activities.TryGetValue(name, out ProvActivity? activity))
            _activities.Add(name, activity = new ProvActivity(name));

        return activity;
    }

    private static bool Differ(string? one, string? other) => one is not null && other is not null && one != other;

    private void Fail(ProvStatement at, string fault) => Fault ??= $"line {at.Line}: {fault}";
}
