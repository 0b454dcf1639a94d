using Node.Ca.Storing;

namespace Node.Ca.Registering;

/// <summary>What an identity may do to others, by its attributes. Pure: the same identity, the same answers.</summary>
/// <remarks>Source: Fabric CA's user guide, "Attribute-based access control" and "Registering a new
/// identity".</remarks>
internal sealed class RegistrarRights(IdentityRecord caller)
{
    private readonly string _roles = ValueOf(caller, AttributeNames.Roles);

    public IdentityRecord Caller { get; } = caller;

    public bool IsRegistrar => _roles.Length > 0;

    public CaRefusal? RefusalToRegister() => IsRegistrar
        ? null
        : CaRefusal.Unauthorized(CaRefusal.RoleMissing, $"{Caller.Id} has no {AttributeNames.Roles}");

    public CaRefusal? RefusalWithout(string flag, int code) => Has(flag)
        ? null
        : CaRefusal.Unauthorized(code, $"{Caller.Id} has not {flag}=true");

    public bool Has(string flag) => AttributeNames.IsTrue(ValueOf(Caller, flag));

    public CaRefusal? RefusalOfType(string type) => AttributeNames.Covers(_roles, type)
        ? null
        : CaRefusal.Unauthorized(54, $"{Caller.Id} may act on the types '{_roles}', not on '{type}'");

    public CaRefusal? RefusalOfAffiliation(string affiliation) => AffiliationPath.Holds(Caller.Affiliation, affiliation)
        ? null
        : CaRefusal.Unauthorized(
            55, $"{Caller.Id} belongs to '{Caller.Affiliation}' and may not act on '{affiliation}'");

    /// <summary>Whether an identity lies within its types and below its affiliation.</summary>
    public bool MayActOn(IdentityRecord other) =>
        RefusalOfType(other.Type) is null && RefusalOfAffiliation(other.Affiliation) is null;

    /// <summary>Whether it may give an attribute with this value to an identity of this type.</summary>
    public CaRefusal? RefusalToGive(AttributeRecord attribute)
    {
        string name = attribute.Name;
        if (AttributeNames.IsDerived(name))
            return Refuse($"{name} follows from the registration and cannot be given");
        if (!AttributeNames.Covers(ValueOf(Caller, AttributeNames.Attributes), name))
            return Refuse($"{Caller.Id} may not give the attribute {name} ({AttributeNames.Attributes})");
        if (!name.StartsWith(AttributeNames.ReservedPrefix, StringComparison.Ordinal))
            return null;
        if (!Caller.TryGetAttribute(name, out string? own))
            return Refuse($"{Caller.Id} has not the attribute {name} and cannot give it");
        if (AttributeNames.IsFlag(name))
            return RefusalOfFlag(attribute, own);
        if (!AttributeNames.IsList(name))
            return Refuse($"{name} is no attribute that this authority knows; names with hf. are reserved");

        return RefusalOfList(attribute, own);
    }

    /// <summary>
    /// Whether it may change the secret and the attributes of an identity: not when that one has rights beyond its own,
    /// which a new secret would hand over.
    /// </summary>
    public CaRefusal? RefusalToChange(IdentityRecord other) => other.Id == Caller.Id
        ? null
        : other.Attributes
            .Where(one => AttributeNames.IsFlag(one.Name) || AttributeNames.IsList(one.Name))
            .Select(RefusalToGive)
            .FirstOrDefault(refusal => refusal is not null);

    private CaRefusal? RefusalOfFlag(AttributeRecord attribute, string own)
    {
        // Taking a right away, by an empty value too, gives nothing.
        if (attribute.Value.Length == 0 || AttributeNames.IsFalse(attribute.Value))
            return null;
        if (!AttributeNames.IsTrue(attribute.Value))
            return Refuse($"{attribute.Name} is true or false, not '{attribute.Value}'");

        return AttributeNames.IsTrue(own) ? null : Refuse($"{Caller.Id} has not {attribute.Name}=true itself");
    }

    private CaRefusal? RefusalOfList(AttributeRecord attribute, string own)
    {
        // Roles are given from the list of roles to pass on; the other lists from the list of that name.
        string allowed = attribute.Name == AttributeNames.Roles
            ? ValueOf(Caller, AttributeNames.DelegateRoles)
            : own;
        return AttributeNames.Elements(attribute.Value).FirstOrDefault(element =>
            !AttributeNames.Covers(allowed, element)) is { } beyond
            ? Refuse($"{Caller.Id} may not give '{beyond}' in {attribute.Name}, only '{allowed}'")
            : null;
    }

    private static CaRefusal Refuse(string reason) => CaRefusal.Unauthorized(CaRefusal.AttributeNotAllowed, reason);

    private static string ValueOf(IdentityRecord identity, string name) =>
        identity.TryGetAttribute(name, out string? value) ? value : "";
}
