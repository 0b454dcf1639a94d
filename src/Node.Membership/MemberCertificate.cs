using System.Diagnostics.CodeAnalysis;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership;

/// <summary>
/// A certificate by itself: its key checks signatures, but nobody says that it is a member of anything.
/// </summary>
/// <remarks>Immutable; any thread. For checks where no organisation is at hand, such as on a device that is
/// alone.</remarks>
public sealed class MemberCertificate
{
    private readonly VerificationKey _key;

    private MemberCertificate(Certificate certificate, VerificationKey key)
    {
        _key = key;
        CommonName = certificate.SubjectName.CommonName;
        EnrollmentId = IdentityAttributes.Read(certificate.Extensions.AttributesJson)
            .GetValueOrDefault(IdentityAttributes.EnrollmentId, CommonName);
        Fingerprint = Hash32.Of(certificate.Der.Span);
        NotBefore = certificate.NotBefore;
        NotAfter = certificate.NotAfter;
    }

    public string CommonName { get; }

    /// <inheritdoc cref="Identity.EnrollmentId"/>
    public string EnrollmentId { get; }

    /// <summary>SHA-256 of the DER as it is, whatever the spelling of its issuer's signature.</summary>
    public Hash32 Fingerprint { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public static bool TryRead(
        ReadOnlySpan<byte> pem,
        [NotNullWhen(true)] out MemberCertificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = null;
        if (!Certificate.TryReadPem(pem, out Certificate? read, out fault)
            || !VerificationKey.TryImport(read.Key, out VerificationKey? key, out fault))
            return false;

        certificate = new MemberCertificate(read, key);
        return true;
    }

    /// <inheritdoc cref="Identity.Verify"/>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => _key.Verify(message, signature);
}
