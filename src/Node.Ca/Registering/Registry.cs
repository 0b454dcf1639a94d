using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Ca.Storing;

namespace Node.Ca.Registering;

/// <summary>An identity that was registered or changed, with its secret where it is new.</summary>
internal sealed record Registered(IdentityRecord Identity, string Secret);

/// <summary>Decides on identities: who may register, change and remove whom, and with what rights.</summary>
/// <param name="enrollmentsMax">Of the authority: -1 for any number, 0 for none at all.</param>
/// <param name="allowsRemoval">Off by default: what was registered stays known.</param>
internal sealed class Registry(
    CaStore store, TimeProvider clock, int iterations, int enrollmentsMax, bool allowsRemoval)
{
    private const string DefaultType = "client";

    /// <summary>Registers an identity. Durable when it returns true.</summary>
    public bool TryRegister(
        RegistrarRights rights,
        Registration registration,
        [NotNullWhen(true)] out Registered? registered,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        registered = null;
        string type = registration.Type is { Length: > 0 } named ? named : DefaultType;
        string affiliation = AffiliationOf(registration.Affiliation, rights);
        refusal = rights.RefusalToRegister()
            ?? registration.Fault()
            ?? rights.RefusalOfType(type)
            ?? rights.RefusalOfAffiliation(affiliation)
            ?? RefusalToGive(rights, registration.Attributes);
        if (refusal is not null || !TryLimit(registration.MaxEnrollments, out int max, out refusal))
            return false;

        // Slow, hence outside the lock.
        string secret = registration.Secret.Length > 0 ? registration.Secret : SecretHash.Generate();
        var identity = new IdentityRecord
        {
            Id = registration.Id,
            Type = type,
            Affiliation = affiliation,
            Attributes = [.. registration.Attributes.Where(attribute => attribute.Value.Length > 0)],
            MaxEnrollments = max,
            Enrollments = 0,
            Secret = SecretHash.Of(secret, iterations),
            Registered = clock.GetUtcNow(),
            Registrar = rights.Caller.Id,
        };
        lock (store.Deciding)
        {
            refusal = RefusalOfPlace(affiliation) ?? RefusalOfSize(identity);
            if (refusal is null && store.FindIdentity(identity.Id) is not null)
                refusal = new CaRefusal(
                    409, CaRefusal.AlreadyRegistered, $"Identity '{identity.Id}' is already registered");
            if (refusal is not null)
                return false;

            store.Write(new StoreChange().Put(identity));
        }

        registered = new Registered(identity, secret);
        return true;
    }

    /// <summary>Changes what a registration says something about. Durable when it returns true.</summary>
    /// <param name="registration">An attribute with an empty value is taken away.</param>
    public bool TryModify(
        RegistrarRights rights,
        Registration registration,
        [NotNullWhen(true)] out Registered? modified,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        modified = null;
        int? max = null;
        refusal = rights.RefusalToRegister() ?? registration.Fault() ?? RefusalToGive(rights, registration.Attributes);
        if (refusal is null && registration.MaxEnrollments is { } wanted)
            max = TryLimit(wanted, out int limit, out refusal) ? limit : null;
        if (refusal is not null)
            return false;

        SecretHash? secret = registration.Secret.Length > 0 ? SecretHash.Of(registration.Secret, iterations) : null;
        lock (store.Deciding)
        {
            if (!TryFindToChange(rights, registration.Id, out IdentityRecord? found, out refusal))
                return false;

            IdentityRecord changed = found with
            {
                Type = registration.Type is { Length: > 0 } type ? type : found.Type,
                Affiliation = registration.Affiliation is null
                    ? found.Affiliation
                    : AffiliationOf(registration.Affiliation, rights),
                Attributes = Merge(found.Attributes, registration.Attributes),
                MaxEnrollments = max ?? found.MaxEnrollments,
                Secret = secret ?? found.Secret,
                Enrollments = secret is null ? found.Enrollments : 0,
            };
            refusal = rights.RefusalOfType(changed.Type)
                ?? rights.RefusalOfAffiliation(changed.Affiliation)
                ?? RefusalOfPlace(changed.Affiliation)
                ?? RefusalOfSize(changed);
            if (refusal is not null)
                return false;

            store.Write(new StoreChange().Put(changed));
            modified = new Registered(changed, registration.Secret);
            return true;
        }
    }

    /// <summary>Forgets an identity and revokes its certificates. Durable when it returns true.</summary>
    /// <param name="force">Needed to remove oneself.</param>
    public bool TryRemove(
        RegistrarRights rights,
        string id,
        bool force,
        [NotNullWhen(true)] out IdentityRecord? removed,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        removed = null;
        refusal = rights.RefusalToRegister();
        if (refusal is null && !allowsRemoval)
            refusal = new CaRefusal(403, CaRefusal.RemovalDisabled, "Identity removal is disabled");
        if (refusal is null && id == rights.Caller.Id && !force)
            refusal = new CaRefusal(
                403, CaRefusal.RemovalDisabled, "Need to use 'force' option to delete own identity");
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            if (!TryFindToChange(rights, id, out IdentityRecord? found, out refusal))
                return false;

            store.Write(WithRemovalOf(found, new StoreChange()));
            removed = found;
            return true;
        }
    }

    public bool TryShow(
        RegistrarRights rights,
        string id,
        [NotNullWhen(true)] out IdentityRecord? identity,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        identity = null;
        refusal = rights.RefusalToRegister();
        return refusal is null && TryFind(rights, id, out identity, out refusal);
    }

    /// <summary>The identities that the caller may act on, by id.</summary>
    public IEnumerable<IdentityRecord> Visible(RegistrarRights rights) =>
        store.Identities().Where(rights.MayActOn);

    /// <summary>
    /// Certificates of who is removed stay known and become revoked: an id that comes back gets none of them.
    /// </summary>
    public StoreChange WithRemovalOf(IdentityRecord identity, StoreChange change)
    {
        const byte CessationOfOperation = 5;
        foreach (CertificateRecord certificate in store.CertificatesOf(identity.Id))
        {
            if (certificate.Revoked is null)
                change.Put(certificate with { Revoked = clock.GetUtcNow(), ReasonCode = CessationOfOperation });
        }

        return change.RemoveIdentity(identity.Id);
    }

    private bool TryFindToChange(
        RegistrarRights rights,
        string id,
        [NotNullWhen(true)] out IdentityRecord? found,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        if (TryFind(rights, id, out found, out refusal))
            refusal = rights.RefusalToChange(found);

        return found is not null && refusal is null;
    }

    private bool TryFind(
        RegistrarRights rights,
        string id,
        [NotNullWhen(true)] out IdentityRecord? found,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        found = null;
        refusal = Registration.FaultOfId(id);
        if (refusal is not null)
            return false;

        found = store.FindIdentity(id);
        if (found is null)
            refusal = new CaRefusal(404, CaRefusal.IdentityNotFound, $"Identity '{id}' was not found");
        else
            refusal = rights.RefusalOfType(found.Type) ?? rights.RefusalOfAffiliation(found.Affiliation);

        return refusal is null;
    }

    // Nothing said means the registrar's own; a dot means the root, as in Fabric CA.
    private static string AffiliationOf(string? named, RegistrarRights rights) => named switch
    {
        null or "" => rights.Caller.Affiliation,
        "." => "",
        _ => named,
    };

    private CaRefusal? RefusalOfPlace(string affiliation) =>
        affiliation.Length > 0 && AffiliationPath.FaultOf(affiliation) is { } fault
            ? new CaRefusal(400, CaRefusal.AffiliationUnknown, fault)
            : store.HasAffiliation(affiliation)
                ? null
                : new CaRefusal(400, CaRefusal.AffiliationUnknown, $"There is no affiliation '{affiliation}'");

    private static CaRefusal? RefusalToGive(RegistrarRights rights, IReadOnlyList<AttributeRecord> attributes)
    {
        foreach (AttributeRecord attribute in attributes)
        {
            if (rights.RefusalToGive(attribute) is { } refusal)
                return refusal;
        }

        return null;
    }

    private static CaRefusal? RefusalOfSize(IdentityRecord identity)
    {
        int bytes = identity.Attributes.Sum(attribute =>
            Encoding.UTF8.GetByteCount(attribute.Name) + Encoding.UTF8.GetByteCount(attribute.Value));
        return bytes > CaLimits.AttributeBytesMax || identity.Attributes.Count > CaLimits.AttributesMax
            ? new CaRefusal(
                400, CaRefusal.IdentityInvalid,
                $"The identity's attributes have {bytes} bytes, at most {CaLimits.AttributeBytesMax} are kept; at " +
                $"most {CaLimits.AttributesMax} of them")
            : null;
    }

    private bool TryLimit(int? wanted, out int max, [NotNullWhen(false)] out CaRefusal? refusal)
    {
        max = wanted is null or 0 ? enrollmentsMax : wanted.Value;
        refusal = null;
        if (max < -1)
            refusal = new CaRefusal(
                400, CaRefusal.IdentityInvalid, $"max_enrollments is -1 (any number) or more, not {max}");
        else if (enrollmentsMax >= 0 && (max == -1 || max > enrollmentsMax))
            refusal = new CaRefusal(
                400, CaRefusal.IdentityInvalid, $"max_enrollments is {max}, this authority allows {enrollmentsMax}");

        return refusal is null;
    }

    private static List<AttributeRecord> Merge(
        IReadOnlyList<AttributeRecord> stored, IReadOnlyList<AttributeRecord> changes) =>
    [
        .. stored.Where(one => changes.All(change => change.Name != one.Name)),
        .. changes.Where(change => change.Value.Length > 0),
    ];
}
