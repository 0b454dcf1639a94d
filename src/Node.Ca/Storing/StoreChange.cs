using System.Text;
using Node.Membership.Issuing;

namespace Node.Ca.Storing;

/// <summary>Everything that one answered request changes: written at once and synced, or not at all.</summary>
internal sealed class StoreChange
{
    private readonly List<Edit> _edits = [];

    public IReadOnlyList<Edit> Edits => _edits;

    public StoreChange Put(IdentityRecord identity)
    {
        _edits.Add(new Edit(CaStore.IdentityFamily, StoreKeys.OfId(identity.Id), StoredJson.Write(identity)));
        return this;
    }

    public StoreChange RemoveIdentity(string id)
    {
        _edits.Add(new Edit(CaStore.IdentityFamily, StoreKeys.OfId(id), Value: null));
        return this;
    }

    public StoreChange Put(CertificateRecord certificate)
    {
        byte[] number = StoreKeys.OfNumber(certificate.Number);
        _edits.Add(new Edit(CaStore.CertificateFamily, number, StoredJson.Write(certificate)));
        _edits.Add(new Edit(CaStore.OwnerFamily, StoreKeys.OfOwned(certificate.Id, number), []));
        return this;
    }

    public StoreChange PutAffiliation(string path)
    {
        _edits.Add(new Edit(CaStore.AffiliationFamily, Encoding.ASCII.GetBytes(path), []));
        return this;
    }

    public StoreChange RemoveAffiliation(string path)
    {
        _edits.Add(new Edit(CaStore.AffiliationFamily, Encoding.ASCII.GetBytes(path), Value: null));
        return this;
    }

    /// <param name="Value">Null removes the key.</param>
    public readonly record struct Edit(string Family, byte[] Key, byte[]? Value);
}

/// <summary>The keys of the store (docs/formats.md, "CA store").</summary>
internal static class StoreKeys
{
    public static byte[] OfId(string id) => Encoding.UTF8.GetBytes(id);

    /// <summary>
    /// Issuer's key id, a slash, serial number: lower-case hex, so the slash sorts before every digit.
    /// </summary>
    public static byte[] OfNumber(CertificateNumber number) =>
        Encoding.ASCII.GetBytes($"{number.AuthorityKeyId}/{number.SerialNumber}");

    /// <summary>An id holds no zero byte, so no id's certificates lie among another's.</summary>
    public static byte[] OfOwned(string id, ReadOnlySpan<byte> number) => [.. OfId(id), 0, .. number];
}
