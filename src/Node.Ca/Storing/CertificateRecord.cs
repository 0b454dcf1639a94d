using Node.Membership.Issuing;

namespace Node.Ca.Storing;

/// <summary>A certificate that was issued, as it is stored.</summary>
/// <param name="Id">Whose it is.</param>
/// <param name="Revoked">Null while it is not.</param>
/// <param name="ReasonCode">RFC 5280, 5.3.1; 0 while it is not revoked.</param>
internal sealed record CertificateRecord(
    string Id, PresentedCertificate Certificate, DateTimeOffset? Revoked, byte ReasonCode)
{
    public CertificateNumber Number => Certificate.Number;
}
