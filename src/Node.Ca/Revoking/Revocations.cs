using System.Diagnostics.CodeAnalysis;
using Node.Ca.Registering;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Revoking;

/// <summary>What is to be revoked: an identity with all its certificates, or one certificate by its number.</summary>
/// <param name="Id">May be empty where a number is given; else the certificate must be its.</param>
internal sealed record RevocationOrder(string Id, string AuthorityKeyId, string SerialNumber, byte ReasonCode);

/// <summary>Which entries a revocation list shall have; null bounds nothing.</summary>
internal sealed record ListBounds(
    DateTimeOffset? RevokedAfter,
    DateTimeOffset? RevokedBefore,
    DateTimeOffset? ExpireAfter,
    DateTimeOffset? ExpireBefore)
{
    public static ListBounds None { get; } = new(null, null, null, null);

    public bool Hold(CertificateRecord certificate) =>
        IsWithin(certificate.Revoked ?? DateTimeOffset.MinValue, RevokedAfter, RevokedBefore)
        && IsWithin(certificate.Certificate.NotAfter, ExpireAfter, ExpireBefore);

    private static bool IsWithin(DateTimeOffset time, DateTimeOffset? after, DateTimeOffset? before) =>
        (after is null || time > after) && (before is null || time < before);
}

/// <summary>Decides who may revoke what, and writes revocation lists.</summary>
internal sealed class Revocations(CaStore store, TimeProvider clock)
{
    /// <returns>The certificates that this request revoked. Durable when it returns true.</returns>
    public bool TryRevoke(
        RegistrarRights rights,
        RevocationOrder order,
        [NotNullWhen(true)] out IReadOnlyList<CertificateRecord>? revoked,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        revoked = null;
        bool byNumber = order.AuthorityKeyId.Length > 0 && order.SerialNumber.Length > 0;
        refusal = rights.RefusalWithout(AttributeNames.Revoker, CaRefusal.NotRevoker);
        if (refusal is null && !byNumber && order.Id.Length == 0)
            refusal = new CaRefusal(
                400, CaRefusal.NothingToRevoke, "Either an id, or both aki and serial, are required to revoke");
        if (refusal is not null)
            return false;

        lock (store.Deciding)
        {
            return byNumber
                ? TryRevokeOne(rights, order, out revoked, out refusal)
                : TryRevokeAll(rights, order, out revoked, out refusal);
        }
    }

    /// <summary>A list of one authority's revoked certificates, as PEM.</summary>
    public bool TryList(
        RegistrarRights rights,
        IssuingAuthority authority,
        ListBounds bounds,
        [NotNullWhen(true)] out string? pem,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        pem = null;
        refusal = rights.RefusalWithout(AttributeNames.GenCrl, CaRefusal.NoListRight);
        if (refusal is null && bounds is { RevokedAfter: { } after, RevokedBefore: { } before } && after >= before)
            refusal = new CaRefusal(
                400, CaRefusal.TimeInvalid, "revokedafter must lie before revokedbefore");
        if (refusal is null && bounds is { ExpireAfter: { } from, ExpireBefore: { } until } && from >= until)
            refusal = new CaRefusal(
                400, CaRefusal.TimeInvalid + 1, "expireafter must lie before expirebefore");
        if (refusal is not null)
            return false;

        pem = List(authority, bounds);
        return true;
    }

    private string List(IssuingAuthority authority, ListBounds bounds)
    {
        DateTimeOffset now = clock.GetUtcNow();

        // Expired certificates need no entry: nobody accepts them for anything new.
        ListBounds effective = bounds is { ExpireAfter: null, ExpireBefore: null }
            ? bounds with { ExpireAfter = now }
            : bounds;
        IEnumerable<RevokedCertificate> entries = store.Certificates()
            .Where(one => one.Revoked is not null
                && one.Number.AuthorityKeyId == authority.KeyId
                && effective.Hold(one))
            .Select(one => new RevokedCertificate(
                one.Certificate, one.Revoked ?? now, RevocationReason.InCompleteList(one.ReasonCode)));
        return authority.IssueRevocationList(entries, now, now + CaLimits.RevocationListLifetime);
    }

    private bool TryRevokeOne(
        RegistrarRights rights,
        RevocationOrder order,
        [NotNullWhen(true)] out IReadOnlyList<CertificateRecord>? revoked,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        revoked = null;
        CertificateRecord? found = null;
        if (CertificateNumber.TryParseHex(order.AuthorityKeyId, out string keyId)
            && CertificateNumber.TryParseHex(order.SerialNumber, out string serial))
            found = store.FindCertificate(new CertificateNumber(keyId, serial));
        if (found is null)
        {
            refusal = new CaRefusal(
                404, CaRefusal.CertificateNotFound, "There is no certificate with this serial number and AKI");
            return false;
        }

        refusal = order.Id.Length > 0 && order.Id != found.Id
            ? new CaRefusal(
                400, CaRefusal.CertificateOfAnother, $"The certificate is not owned by '{order.Id}'")
            : RefusalToTouch(rights, found.Id);
        if (refusal is null && found.Revoked is not null)
            refusal = new CaRefusal(404, CaRefusal.AlreadyRevoked, "The certificate was revoked already");
        if (refusal is not null)
            return false;

        CertificateRecord ended = found with { Revoked = clock.GetUtcNow(), ReasonCode = order.ReasonCode };
        store.Write(new StoreChange().Put(ended));
        revoked = [ended];
        return true;
    }

    private bool TryRevokeAll(
        RegistrarRights rights,
        RevocationOrder order,
        [NotNullWhen(true)] out IReadOnlyList<CertificateRecord>? revoked,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        revoked = null;
        IdentityRecord? identity = Registration.FaultOfId(order.Id) is null ? store.FindIdentity(order.Id) : null;
        refusal = identity is null
            ? new CaRefusal(404, CaRefusal.IdentityNotFound, $"Identity '{order.Id}' was not found")
            : RefusalToTouch(rights, order.Id);
        if (refusal is not null || identity is null)
        {
            refusal ??= new CaRefusal(404, CaRefusal.IdentityNotFound, "The identity was not found");
            return false;
        }

        DateTimeOffset now = clock.GetUtcNow();
        CertificateRecord[] ended =
        [
            .. store.CertificatesOf(order.Id)
                .Where(one => one.Revoked is null)
                .Select(one => one with { Revoked = now, ReasonCode = order.ReasonCode }),
        ];

        // The identity itself too: its secret lets nobody in any more.
        var change = new StoreChange();
        if (identity.Revoked is null)
            change.Put(identity with { Revoked = now });
        foreach (CertificateRecord one in ended)
            change.Put(one);

        store.Write(change);
        revoked = ended;
        return true;
    }

    // A revoker who registers nobody is bound by affiliation alone.
    // Who was removed meanwhile belongs to nobody any more: then a revoker of the root decides.
    private CaRefusal? RefusalToTouch(RegistrarRights rights, string id) =>
        store.FindIdentity(id) is { } owner
            ? (rights.IsRegistrar ? rights.RefusalOfType(owner.Type) : null)
                ?? rights.RefusalOfAffiliation(owner.Affiliation)
            : rights.RefusalOfAffiliation("");
}
