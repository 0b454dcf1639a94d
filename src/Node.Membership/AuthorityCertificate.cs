using Node.Membership.Certificates;
using Node.Membership.Issuing;

namespace Node.Membership;

/// <summary>One root or intermediate certificate of an organisation, as far as its life is concerned.</summary>
/// <param name="SerialNumber">Lower-case hex without leading zeros.</param>
/// <param name="IsForTls">True when it vouches for TLS certificates, false when for members.</param>
public sealed record AuthorityCertificate(
    string CommonName, string SerialNumber, bool IsForTls, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    internal static AuthorityCertificate Of(Certificate certificate, bool isForTls) => new(
        certificate.SubjectName.CommonName, CertificateNumber.OfBytes(certificate.SerialNumber.Span), isForTls,
        certificate.NotBefore, certificate.NotAfter);
}
