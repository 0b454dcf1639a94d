using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Ca.Answering;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Admitting;

/// <summary>Lets in who signs the request with the key of a certificate that this authority issued.</summary>
/// <remarks>
/// Header: base64(certificate PEM).base64(signature). Signed: METHOD.base64(target).base64(body).base64(certificate);
/// in the old form base64(body).base64(certificate), which can be moved to another endpoint and is off by default.
/// </remarks>
internal sealed class TokenAdmission(
    CaStore store, IssuingAuthority authority, bool takesOldTokens, TimeProvider clock)
{
    /// <param name="expiredToo">True where renewal of an expired certificate is allowed.</param>
    public bool TryAdmit(
        CaRequest request,
        bool expiredToo,
        [NotNullWhen(true)] out IdentityRecord? caller,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        caller = null;
        if (request.Authorization is null)
        {
            refusal = new CaRefusal(401, CaRefusal.NoAuthorization, "No authorization header");
            return false;
        }

        if (!TryRead(
            request.Authorization, out string? text, out PresentedCertificate? certificate, out byte[]? signed))
        {
            refusal = CaRefusal.Unauthenticated(CaRefusal.TokenInvalid, "the header is no token");
            return false;
        }

        refusal = RefusalOfSignature(request, text, certificate, signed)
            ?? RefusalOfCertificate(certificate, expiredToo);
        if (refusal is not null)
            return false;

        caller = store.FindIdentity(certificate.CommonName);
        if (caller is null)
            refusal = CaRefusal.Unauthenticated(
                CaRefusal.UserInvalid, $"there is no identity {certificate.CommonName} any more");
        else if (caller.Revoked is not null)
            refusal = CaRefusal.Unauthenticated(CaRefusal.IdentityRevoked, $"the identity {caller.Id} is revoked");

        return refusal is null;
    }

    private CaRefusal? RefusalOfSignature(
        CaRequest request, string certificateText, PresentedCertificate certificate, byte[] signature)
    {
        // The one reason that is told: it depends on nothing but the key, and no retry helps.
        if (!certificate.CanSignTokens)
            return new CaRefusal(
                401, CaRefusal.NotAuthenticated,
                "Authentication failure: there is no token form for this kind of key (Ed25519). Enrol with id and " +
                "secret, or with a P-256 key.");

        string body = Convert.ToBase64String(request.BodyBytes.Span);
        string target = Convert.ToBase64String(Encoding.UTF8.GetBytes(request.Target));
        byte[] message = Encoding.ASCII.GetBytes($"{request.Method}.{target}.{body}.{certificateText}");
        if (certificate.Verifies(message, signature))
            return null;
        if (takesOldTokens && certificate.Verifies(Encoding.ASCII.GetBytes($"{body}.{certificateText}"), signature))
            return null;

        return CaRefusal.Unauthenticated(CaRefusal.TokenInvalid, "the token's signature does not fit the request");
    }

    private CaRefusal? RefusalOfCertificate(PresentedCertificate certificate, bool expiredToo)
    {
        string who = certificate.CommonName;
        if (!authority.HasIssued(certificate))
            return CaRefusal.Unauthenticated(
                CaRefusal.CertificateUntrusted, $"the certificate of {who} is not by this authority");
        if (store.FindCertificate(certificate.Number) is not { } known || known.Id != who)
            return CaRefusal.Unauthenticated(
                CaRefusal.CertificateUntrusted, $"the certificate of {who} is not known here");
        if (known.Revoked is not null)
            return CaRefusal.Unauthenticated(CaRefusal.CertificateRevoked, $"the certificate of {who} is revoked");

        DateTimeOffset now = clock.GetUtcNow();
        return now > certificate.NotAfter && !expiredToo
            ? CaRefusal.Unauthenticated(CaRefusal.CertificateExpired, $"the certificate of {who} has expired")
            : null;
    }

    private static bool TryRead(
        string header,
        [NotNullWhen(true)] out string? certificateText,
        [NotNullWhen(true)] out PresentedCertificate? certificate,
        [NotNullWhen(true)] out byte[]? signature)
    {
        certificateText = null;
        certificate = null;
        signature = null;
        string[] parts = header.Split('.');
        if (parts.Length != 2
            || !TryDecode(parts[0], out byte[]? pem)
            || !TryDecode(parts[1], out signature)
            || !PresentedCertificate.TryReadPem(pem, out certificate, out _))
            return false;

        certificateText = parts[0];
        return true;
    }

    private static bool TryDecode(string base64, [NotNullWhen(true)] out byte[]? bytes)
    {
        byte[] buffer = new byte[base64.Length];
        bytes = Convert.TryFromBase64String(base64, buffer, out int length) ? buffer[..length] : null;
        return bytes is { Length: > 0 };
    }
}
