using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership;

/// <summary>
/// A member of an organisation: its certificate is checked up to the organisation's root, its key is ready.
/// </summary>
/// <remarks>
/// Immutable; any thread. Expiry is not checked when an identity is resolved, because blocks of the past must stay
/// valid: whoever takes in something new asks <see cref="IsExpiredAt"/>.
/// </remarks>
public sealed class Identity
{
    private readonly VerificationKey _key;

    internal Identity(VerificationKey key, Certificate certificate)
    {
        _key = key;
        CommonName = certificate.SubjectName.CommonName;
        OrganizationalUnits = certificate.SubjectName.OrganizationalUnits;
        ToBeSigned = certificate.ToBeSigned;
        NotBefore = certificate.NotBefore;
        NotAfter = certificate.NotAfter;
        Attributes = IdentityAttributes.Read(certificate.Extensions.AttributesJson);
        EnrollmentId = Attributes.GetValueOrDefault(IdentityAttributes.EnrollmentId, CommonName);
    }

    public required MspId MspId { get; init; }

    /// <summary>
    /// The encoded SerializedIdentity as it came, which is what signatures and transaction ids cover.
    /// </summary>
    public required ReadOnlyMemory<byte> Serialized { get; init; }

    /// <summary>
    /// With the issuer's signature in its low-S spelling, so that one certificate has one fingerprint.
    /// </summary>
    public required ReadOnlyMemory<byte> CertificateDer { get; init; }

    /// <summary>SHA-256 of <see cref="CertificateDer"/>. With the MSP id it tells identities apart.</summary>
    public required Hash32 Fingerprint { get; init; }

    public required NodeRole Role { get; init; }

    /// <summary>
    /// True for role admin, and for certificates that the organisation's configuration lists as administrators.
    /// </summary>
    public required bool IsAdmin { get; init; }

    /// <summary>SHA-256 over the DER of the issuer, its issuer, and so on to the root.</summary>
    internal Hash32 CertifierId { get; init; }

    /// <summary>
    /// The part of the certificate that its issuer signed; equal in every spelling of one certificate.
    /// </summary>
    internal ReadOnlyMemory<byte> ToBeSigned { get; }

    public string CommonName { get; }

    /// <summary>The attribute hf.EnrollmentID, or the common name where there is none.</summary>
    public string EnrollmentId { get; }

    public IReadOnlyList<string> OrganizationalUnits { get; }

    /// <summary>What the organisation's CA vouches for beside the name (extension 1.2.3.4.5.6.7.8.1).</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public bool IsExpiredAt(DateTimeOffset time) => time > NotAfter;

    /// <summary>
    /// Checks a signature of this identity over <paramref name="message"/>: ECDSA with SHA-256 as DER with low S, or
    /// Ed25519. False for whatever is wrong with it.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => _key.Verify(message, signature);

    /// <summary>True when both are the same certificate of the same organisation.</summary>
    public bool IsSameAs(Identity other) => Fingerprint == other.Fingerprint && MspId == other.MspId;

    public override string ToString() => $"{CommonName} of {MspId}";
}
