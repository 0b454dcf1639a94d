using System.Diagnostics.CodeAnalysis;
using Node.Ca.Storing;

namespace Node.Ca.Registering;

/// <summary>An affiliation with what lies below it and who belongs there.</summary>
internal sealed record AffiliationNode(
    string Name, IReadOnlyList<AffiliationNode> Below, IReadOnlyList<IdentityRecord> Identities);

/// <summary>Decides on affiliations: who may see, add, rename and remove them.</summary>
internal sealed class Affiliations(CaStore store, Registry registry, bool allowsRemoval)
{
    public bool TryShow(
        RegistrarRights rights,
        string path,
        [NotNullWhen(true)] out AffiliationNode? node,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        node = null;
        refusal = RefusalToTouch(rights, path);
        if (refusal is null && !store.HasAffiliation(path))
            refusal = NotFound(path);
        if (refusal is not null)
            return false;

        node = Tree(path);
        return true;
    }

    /// <summary>What the caller sees when it names none: its own affiliation.</summary>
    public bool TryShowOwn(
        RegistrarRights rights,
        [NotNullWhen(true)] out AffiliationNode? node,
        [NotNullWhen(false)] out CaRefusal? refusal) =>
        TryShow(rights, rights.Caller.Affiliation, out node, out refusal);

    /// <param name="force">Adds missing parents too.</param>
    public bool TryAdd(
        RegistrarRights rights,
        string path,
        bool force,
        [NotNullWhen(true)] out AffiliationNode? node,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        node = null;
        refusal = RefusalToTouch(rights, path) ?? RefusalOfPath(path, CaRefusal.AffiliationNotAdded);
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            if (store.HasAffiliation(path))
                refusal = new CaRefusal(
                    409, CaRefusal.AffiliationNotAdded, $"Affiliation '{path}' exists already");
            else if (!store.HasAffiliation(AffiliationPath.ParentOf(path)) && !force)
                refusal = new CaRefusal(
                    400, CaRefusal.AffiliationNotAdded,
                    $"There is no parent of affiliation '{path}'; use 'force' to add it too");
            if (refusal is not null)
                return false;

            store.Write(WithParents(path, new StoreChange()));
            node = Tree(path);
            return true;
        }
    }

    /// <param name="force">Needed where identities belong to it or below: they move along.</param>
    public bool TryRename(
        RegistrarRights rights,
        string path,
        string newPath,
        bool force,
        [NotNullWhen(true)] out AffiliationNode? node,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        node = null;
        refusal = RefusalToTouch(rights, path)
            ?? RefusalToTouch(rights, newPath)
            ?? RefusalOfPath(newPath, CaRefusal.AffiliationNotChanged)
            ?? RefusalOfRoot(path);
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            IdentityRecord[] members = [.. MembersOf(path)];
            refusal = RefusalToRename(path, newPath, members.Length, force);
            if (refusal is not null)
                return false;

            var change = new StoreChange();
            foreach (string old in store.Affiliations().Where(one => AffiliationPath.Holds(path, one)))
            {
                if (AffiliationPath.FaultOf(newPath + old[path.Length..]) is { } fault)
                {
                    refusal = new CaRefusal(400, CaRefusal.AffiliationNotChanged, fault);
                    return false;
                }

                change.RemoveAffiliation(old).PutAffiliation(newPath + old[path.Length..]);
            }

            foreach (IdentityRecord member in members)
                change.Put(member with { Affiliation = newPath + member.Affiliation[path.Length..] });

            store.Write(WithParents(newPath, change));
            node = Tree(newPath);
            return true;
        }
    }

    /// <param name="force">Needed where something is below it or belongs to it: all of that goes too.</param>
    public bool TryRemove(
        RegistrarRights rights,
        string path,
        bool force,
        [NotNullWhen(true)] out AffiliationNode? node,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        node = null;
        refusal = RefusalToTouch(rights, path) ?? RefusalOfRoot(path);
        if (refusal is null && !allowsRemoval)
            refusal = new CaRefusal(403, CaRefusal.AffiliationNotRemoved, "Affiliation removal is disabled");
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            if (!store.HasAffiliation(path))
                refusal = NotFound(path);

            AffiliationNode tree = Tree(path);
            IdentityRecord[] members = [.. MembersOf(path)];
            if (refusal is null && !force && (tree.Below.Count > 0 || members.Length > 0))
                refusal = new CaRefusal(
                    403, CaRefusal.AffiliationNotRemoved,
                    $"Affiliation '{path}' has affiliations below it or {members.Length} identities; use 'force' to " +
                    "remove them too");
            refusal ??= members
                .Where(member => !rights.MayActOn(member) || rights.RefusalToChange(member) is not null)
                .Select(member => CaRefusal.Unauthorized(54, $"{rights.Caller.Id} may not act on {member.Id}"))
                .FirstOrDefault();
            if (refusal is not null)
                return false;

            var change = new StoreChange();
            foreach (string old in store.Affiliations().Where(one => AffiliationPath.Holds(path, one)))
                change.RemoveAffiliation(old);
            foreach (IdentityRecord member in members)
                registry.WithRemovalOf(member, change);

            store.Write(change);
            node = tree with { Identities = members };
            return true;
        }
    }

    private CaRefusal? RefusalToRename(string path, string newPath, int members, bool force)
    {
        if (!store.HasAffiliation(path))
            return NotFound(path);
        if (store.HasAffiliation(newPath) || AffiliationPath.Holds(path, newPath))
            return new CaRefusal(
                400, CaRefusal.AffiliationNotChanged,
                $"Affiliation '{newPath}' exists already, or lies below '{path}'");

        return members > 0 && !force
            ? new CaRefusal(
                403, CaRefusal.AffiliationNotChanged,
                $"{members} identities belong to affiliation '{path}'; use 'force' to move them too")
            : null;
    }

    private static CaRefusal? RefusalToTouch(RegistrarRights rights, string path) =>
        rights.RefusalWithout(AttributeNames.AffiliationManager, CaRefusal.NotAffiliated)
        ?? rights.RefusalOfAffiliation(path);

    private static CaRefusal? RefusalOfPath(string path, int code) =>
        AffiliationPath.FaultOf(path) is { } fault ? new CaRefusal(400, code, fault) : null;

    private static CaRefusal? RefusalOfRoot(string path) => path.Length == 0
        ? new CaRefusal(400, CaRefusal.AffiliationNotChanged, "The root affiliation cannot be changed")
        : null;

    private static CaRefusal NotFound(string path) =>
        new(404, CaRefusal.AffiliationUnknown, $"There is no affiliation '{path}'");

    private static StoreChange WithParents(string path, StoreChange change)
    {
        for (string one = path; one.Length > 0; one = AffiliationPath.ParentOf(one))
            change.PutAffiliation(one);

        return change;
    }

    private IEnumerable<IdentityRecord> MembersOf(string path) =>
        store.Identities().Where(identity => AffiliationPath.Holds(path, identity.Affiliation));

    private AffiliationNode Tree(string path)
    {
        string[] paths = [.. store.Affiliations().Where(one => AffiliationPath.Holds(path, one))];
        ILookup<string, IdentityRecord> members = store.Identities().ToLookup(identity => identity.Affiliation);
        return Tree(path, paths.Where(one => one != path).ToLookup(AffiliationPath.ParentOf), members);
    }

    // As deep as CaLimits.AffiliationDepthMax.
    private static AffiliationNode Tree(
        string path, ILookup<string, string> below, ILookup<string, IdentityRecord> members) =>
        new(path, [.. below[path].Select(one => Tree(one, below, members))], [.. members[path]]);
}
