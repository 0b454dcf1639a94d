namespace Node.Client.Exporting.Prov;

/// <summary>What a statement can say: PROV-DM's types and relations, as PROV-N and PROV-JSON spell them.</summary>
/// <remarks>
/// Source: W3C Recommendation PROV-N (2013), section 3; W3C Member Submission PROV-JSON (2013), section 3.
/// </remarks>
public sealed class ProvKind
{
    private static readonly Dictionary<string, ProvKind> s_byName = new(StringComparer.Ordinal);

    private ProvKind(string name, int required, params string[] formals)
    {
        Name = name;
        Required = required;
        Formals = formals;
        s_byName.Add(name, this);
    }

    public static ProvKind Entity { get; } = new("entity", 0);

    public static ProvKind Activity { get; } = new("activity", 0, "startTime", "endTime");

    public static ProvKind Agent { get; } = new("agent", 0);

    public static ProvKind Generation { get; } = new("wasGeneratedBy", 1, "entity", "activity", "time");

    public static ProvKind Usage { get; } = new("used", 1, "activity", "entity", "time");

    public static ProvKind Communication { get; } = new("wasInformedBy", 2, "informed", "informant");

    public static ProvKind Start { get; } = new("wasStartedBy", 1, "activity", "trigger", "starter", "time");

    public static ProvKind End { get; } = new("wasEndedBy", 1, "activity", "trigger", "ender", "time");

    public static ProvKind Invalidation { get; } = new("wasInvalidatedBy", 1, "entity", "activity", "time");

    public static ProvKind Derivation { get; } =
        new("wasDerivedFrom", 2, "generatedEntity", "usedEntity", "activity", "generation", "usage");

    public static ProvKind Attribution { get; } = new("wasAttributedTo", 2, "entity", "agent");

    public static ProvKind Association { get; } = new("wasAssociatedWith", 1, "activity", "agent", "plan");

    public static ProvKind Delegation { get; } = new("actedOnBehalfOf", 2, "delegate", "responsible", "activity");

    public static ProvKind Influence { get; } = new("wasInfluencedBy", 2, "influencee", "influencer");

    public static ProvKind Alternate { get; } = new("alternateOf", 2, "alternate1", "alternate2");

    public static ProvKind Specialization { get; } = new("specializationOf", 2, "specificEntity", "generalEntity");

    public static ProvKind Mention { get; } = new("mentionOf", 2, "specificEntity", "generalEntity", "bundle");

    public static ProvKind Membership { get; } = new("hadMember", 2, "collection", "entity");

    /// <summary>In the order in which documents are written.</summary>
    public static IReadOnlyList<ProvKind> All { get; } =
    [
        Entity, Activity, Agent, Generation, Usage, Communication, Start, End, Invalidation, Derivation, Attribution,
        Association, Delegation, Influence, Alternate, Specialization, Mention, Membership,
    ];

    public string Name { get; }

    /// <summary>The local names of the formal arguments after the identifier, all in the namespace prov.</summary>
    public IReadOnlyList<string> Formals { get; }

    /// <summary>So many of the formal arguments have to be there.</summary>
    public int Required { get; }

    /// <summary>Has an identifier always.</summary>
    public bool IsElement => this == Entity || this == Activity || this == Agent;

    public static ProvKind? Find(string name) => s_byName.GetValueOrDefault(name);

    public int IndexOf(string formal)
    {
        for (int index = 0; index < Formals.Count; index++)
        {
            if (Formals[index] == formal)
                return index;
        }

        return -1;
    }

    /// <summary>The argument is a time; every other one is a name.</summary>
    public bool IsTime(int formal) => Formals[formal].EndsWith("ime", StringComparison.Ordinal);

    public override string ToString() => Name;
}
