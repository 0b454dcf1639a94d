using System.Diagnostics.CodeAnalysis;
using Node.Ca.Registering;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Enrolling;

/// <summary>Issues certificates to identities that have proved who they are.</summary>
internal sealed class Enroller(CaStore store, TimeProvider clock, bool enrollmentDisabled)
{
    /// <summary>Issues on a secret, which is used up by it: count and certificate are written together.</summary>
    /// <param name="admitted">As it was when its secret was checked.</param>
    public bool TryEnroll(
        IssuingAuthority authority,
        IdentityRecord admitted,
        EnrollRequest request,
        [NotNullWhen(true)] out PresentedCertificate? issued,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        issued = null;
        refusal = enrollmentDisabled
            ? CaRefusal.Unauthenticated(CaRefusal.EnrollmentDisabled, "enrolment is disabled here")
            : null;
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            // Read again: the secret may have been used up, changed or revoked since it was checked.
            IdentityRecord? identity = store.FindIdentity(admitted.Id);
            refusal = RefusalToUse(admitted, identity);
            if (refusal is not null
                || identity is null
                || !TryIssue(authority, identity, request, out issued, out refusal))
            {
                refusal ??= CaRefusal.Unauthenticated(CaRefusal.UserInvalid, $"{admitted.Id} was removed");
                return false;
            }

            store.Write(new StoreChange()
                .Put(identity with { Enrollments = checked(identity.Enrollments + 1) })
                .Put(new CertificateRecord(identity.Id, issued, Revoked: null, ReasonCode: 0)));
            return true;
        }
    }

    /// <summary>Issues on a certificate that the identity has already.</summary>
    public bool TryRenew(
        IssuingAuthority authority,
        IdentityRecord caller,
        EnrollRequest request,
        [NotNullWhen(true)] out PresentedCertificate? issued,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        lock (store.Deciding)
        {
            issued = null;
            IdentityRecord? identity = store.FindIdentity(caller.Id);
            refusal = identity is null || identity.Revoked is not null
                ? CaRefusal.Unauthenticated(CaRefusal.IdentityRevoked, $"{caller.Id} was removed or revoked")
                : null;
            if (refusal is not null
                || identity is null
                || !TryIssue(authority, identity, request, out issued, out refusal))
            {
                refusal ??= CaRefusal.Unauthenticated(CaRefusal.UserInvalid, $"{caller.Id} was removed");
                return false;
            }

            store.Write(new StoreChange().Put(
                new CertificateRecord(identity.Id, issued, Revoked: null, ReasonCode: 0)));
            return true;
        }
    }

    private static CaRefusal? RefusalToUse(IdentityRecord admitted, IdentityRecord? now)
    {
        string id = admitted.Id;
        if (now is null || !now.Secret.Hash.AsSpan().SequenceEqual(admitted.Secret.Hash))
            return CaRefusal.Unauthenticated(CaRefusal.SecretInvalid, $"the secret of {id} was changed");
        if (now.Revoked is not null)
            return CaRefusal.Unauthenticated(CaRefusal.IdentityRevoked, $"the identity {id} is revoked");

        return now.MaxEnrollments == -1 || now.Enrollments < now.MaxEnrollments
            ? null
            : CaRefusal.Unauthenticated(
                CaRefusal.SecretInvalid,
                $"the secret of {id} was used {now.Enrollments} of {now.MaxEnrollments} times");
    }

    private bool TryIssue(
        IssuingAuthority authority,
        IdentityRecord identity,
        EnrollRequest request,
        [NotNullWhen(true)] out PresentedCertificate? issued,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        issued = null;
        refusal = RefusalOf(authority, identity, request);
        if (refusal is not null
            || !TryAttributes(identity, request, out List<KeyValuePair<string, string>> attributes, out refusal))
            return false;

        DateTimeOffset now = clock.GetUtcNow();
        TimeSpan lifetime = request.Profile == IssueProfile.Authority
            ? CaLimits.AuthorityLifetime
            : CaLimits.EnrollmentLifetime;
        DateTimeOffset notBefore = request.NotBefore is { } from && from > now ? from : now - CaLimits.BackDating;
        DateTimeOffset notAfter = notBefore + lifetime;
        if (request.NotAfter is { } until && until < notAfter)
            notAfter = until;
        if (notAfter <= now || notBefore >= notAfter || notBefore >= authority.NotAfter)
        {
            refusal = CaRefusal.Malformed("The certificate would end before it begins, or has ended already");
            return false;
        }

        var terms = new IssueTerms(identity.Id, request.Profile, notBefore, notAfter)
        {
            OrganizationalUnits = UnitsOf(identity),
            Attributes = attributes,
            AlternativeNames = request.Hosts ?? request.Signing.AlternativeNames,
        };
        if (!authority.TryIssue(request.Signing, terms, out issued, out string? fault))
            refusal = new CaRefusal(400, CaRefusal.RequestMalformed, $"The certificate cannot be issued: {fault}");

        return issued is not null;
    }

    private static CaRefusal? RefusalOf(IssuingAuthority authority, IdentityRecord identity, EnrollRequest request)
    {
        if (request.Signing.CommonName != identity.Id)
            return new CaRefusal(
                403, CaRefusal.NameMismatch,
                "The CN in the certificate signing request differs from the enrollment id");
        if (request.Profile != IssueProfile.Authority)
            return null;
        if (!authority.MayIssueAuthorities)
            return CaRefusal.Unauthorized(
                CaRefusal.NotAuthorized, $"{authority.CommonName} may not issue authorities (path length 0)");

        return new RegistrarRights(identity).RefusalWithout(AttributeNames.IntermediateCa, CaRefusal.NotAuthorized);
    }

    // The role first, then the affiliation's elements: what node roles and unit policies look at.
    private static string[] UnitsOf(IdentityRecord identity) =>
    [
        identity.Type,
        .. identity.Affiliation.Split('.', StringSplitOptions.RemoveEmptyEntries),
    ];

    private static bool TryAttributes(
        IdentityRecord identity,
        EnrollRequest request,
        out List<KeyValuePair<string, string>> attributes,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        attributes = [];
        refusal = null;
        if (request.Attributes is null)
        {
            // An authority below is no member: it gets none unless it asks.
            if (request.Profile != IssueProfile.Authority)
                attributes.AddRange(identity.AllAttributes().Where(one => one.Ecert).Select(one =>
                    KeyValuePair.Create(one.Name, one.Value)));

            return true;
        }

        foreach (AttributeWish wish in request.Attributes.DistinctBy(wish => wish.Name)
            .OrderBy(wish => wish.Name, StringComparer.Ordinal))
        {
            if (identity.TryGetAttribute(wish.Name, out string? value))
                attributes.Add(KeyValuePair.Create(wish.Name, value));
            else if (!wish.Optional)
                refusal ??= new CaRefusal(
                    400, CaRefusal.Other, "The identity has not all attributes that the request requires");
        }

        return refusal is null;
    }
}
