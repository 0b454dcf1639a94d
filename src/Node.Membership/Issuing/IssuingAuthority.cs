using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Issuing;

/// <summary>What a certificate is for.</summary>
public enum IssueProfile
{
    /// <summary>Signing as a member: digitalSignature, no extended key usage.</summary>
    Enrollment,

    /// <summary>TLS on both sides: server and client authentication.</summary>
    Tls,

    /// <summary>An intermediate authority that issues identities, but no further authorities.</summary>
    Authority,
}

/// <summary>What an authority says about a key, beside what the request proposes.</summary>
/// <param name="CommonName">Decided by the authority, never by the request.</param>
/// <param name="NotAfter">Cut to the authority's own end.</param>
public sealed record IssueTerms(
    string CommonName, IssueProfile Profile, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>Role first, then affiliation.</summary>
    public IReadOnlyList<string> OrganizationalUnits { get; init; } = [];

    /// <summary>In the order in which they are to stand; none leaves the extension out.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public AlternativeNames AlternativeNames { get; init; } = AlternativeNames.None;
}

/// <summary>One certificate in a revocation list.</summary>
/// <param name="ReasonCode">RFC 5280, 5.3.1.</param>
public sealed record RevokedCertificate(PresentedCertificate Certificate, DateTimeOffset Time, byte ReasonCode);

/// <summary>A certificate authority with its key: issues certificates and revocation lists. Any thread.</summary>
public sealed class IssuingAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // RFC 5280, 4.2.1.3: digitalSignature 0, keyEncipherment 2, keyAgreement 4, keyCertSign 5, cRLSign 6.
    private const byte Signs = 0b1000_0000;
    private const byte Encrypts = 0b1010_1000;
    private const byte Certifies = 0b0000_0110;

    private readonly Certificate _certificate;
    private readonly SigningKey _key;
    private readonly VerificationKey _publicKey;
    private readonly CertificateIssuer _issuer;

    private IssuingAuthority(string chainPem, Certificate certificate, SigningKey key, VerificationKey publicKey)
    {
        ChainPem = chainPem;
        _certificate = certificate;
        _key = key;
        _publicKey = publicKey;
        _issuer = new CertificateIssuer(certificate, key);
        KeyId = CertificateNumber.OfBytes(certificate.Extensions.SubjectKeyId.Span);
    }

    /// <summary>Its certificate, and behind it those of its issuers when it is no root.</summary>
    public string ChainPem { get; }

    public string CommonName => _certificate.SubjectName.CommonName;

    public DateTimeOffset NotBefore => _certificate.NotBefore;

    public DateTimeOffset NotAfter => _certificate.NotAfter;

    public string SerialNumber => CertificateNumber.OfBytes(_certificate.SerialNumber.Span);

    /// <summary>What certificates of this authority name as their issuer's key.</summary>
    public string KeyId { get; }

    /// <summary>SHA-256 of the certificate, which tells authorities apart.</summary>
    public Hash32 Fingerprint => Hash32.Of(_certificate.Der.Span);

    /// <summary>False when its own certificate forbids authorities below it.</summary>
    public bool MayIssueAuthorities => _certificate.Extensions.PathLength is null or > 0;

    /// <param name="chainFile">PEM: the authority's certificate first.</param>
    /// <param name="fault">Names the file and what is wrong with it.</param>
    public static bool TryLoad(
        string chainFile,
        string keyFile,
        [NotNullWhen(true)] out IssuingAuthority? authority,
        [NotNullWhen(false)] out string? fault)
    {
        authority = null;
        try
        {
            string chain = File.ReadAllText(chainFile);
            if (!Certificate.TryReadPem(Encoding.UTF8.GetBytes(chain), out Certificate? certificate, out fault))
            {
                fault = $"The certificate {chainFile} cannot be read: {fault}.";
                return false;
            }

            if (FaultOfAuthority(certificate) is { } unfit)
            {
                fault = $"The certificate {chainFile} is no certificate authority's: {unfit}.";
                return false;
            }

            string keyText = File.ReadAllText(keyFile);
            if (!SigningKey.TryImport(keyText, out SigningKey? key, out fault))
            {
                fault = $"The key {keyFile} cannot be used: {fault}.";
                return false;
            }

            authority = Compose(chain, certificate, key, out fault);
            fault = authority is null ? $"{fault}: {chainFile}, {keyFile}." : null;
            return authority is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"The certificate authority cannot be read: {e.Message}";
            return false;
        }
    }

    public bool HasIssued(PresentedCertificate certificate) =>
        certificate.Certificate.Issuer.Span.SequenceEqual(_certificate.Subject.Span)
        && _publicKey.VerifyIssued(
            certificate.Certificate.Scheme,
            certificate.Certificate.ToBeSigned.Span,
            certificate.Certificate.Signature.Span);

    /// <summary>Issues a certificate for a request's key.</summary>
    /// <param name="fault">The certificate would be larger than any peer reads.</param>
    public bool TryIssue(
        SigningRequest request,
        IssueTerms terms,
        [NotNullWhen(true)] out PresentedCertificate? issued,
        [NotNullWhen(false)] out string? fault)
    {
        var subject = new SubjectParts(terms.CommonName)
        {
            Country = request.Country,
            Province = request.Province,
            Locality = request.Locality,
            Organization = request.Organization,
            OrganizationalUnits = terms.OrganizationalUnits,
        };
        DateTimeOffset notAfter = terms.NotAfter < NotAfter ? terms.NotAfter : NotAfter;
        var content = new CertificateContent(subject, terms.NotBefore, notAfter)
        {
            IsAuthority = terms.Profile == IssueProfile.Authority,
            PathLength = terms.Profile == IssueProfile.Authority ? 0 : null,
            KeyUsageBits = terms.Profile switch
            {
                IssueProfile.Tls => Encrypts,
                IssueProfile.Authority => Certifies,
                _ => Signs,
            },
            ExtendedKeyUsages =
                terms.Profile == IssueProfile.Tls ? [ServerAuthentication, ClientAuthentication] : [],
            HasSubjectKeyId = true,
            DnsNames = terms.AlternativeNames.DnsNames,
            Addresses = terms.AlternativeNames.Addresses,
            EmailAddresses = terms.AlternativeNames.EmailAddresses,
            Uris = terms.AlternativeNames.Uris,
            AttributesJson = terms.Attributes.Count == 0 ? default : IdentityAttributes.Write(terms.Attributes),
        };
        byte[] der = _issuer.Issue(content, request.SubjectPublicKeyInfo);

        // Read back before anybody gets it: what we cannot read, no peer can.
        return PresentedCertificate.TryReadDer(der, out issued, out fault);
    }

    /// <returns>PEM.</returns>
    public string IssueRevocationList(
        IEnumerable<RevokedCertificate> revoked, DateTimeOffset time, DateTimeOffset nextUpdate)
    {
        IEnumerable<RevocationEntry> entries = revoked.Select(one =>
            new RevocationEntry(one.Certificate.Certificate.SerialNumber, one.Time, one.ReasonCode));
        return Pem.Encode(Pem.RevocationListLabel, _issuer.IssueRevocationList(entries, time, nextUpdate));
    }

    public void Dispose() => _key.Dispose();

    private static string? FaultOfAuthority(Certificate certificate)
    {
        if (!certificate.Extensions.IsAuthority || !certificate.Extensions.MaySignCertificates)
            return "it may not sign certificates";

        return certificate.Extensions.SubjectKeyId.IsEmpty ? "it has no subject key identifier" : null;
    }

    private static IssuingAuthority? Compose(
        string chain, Certificate certificate, SigningKey key, out string? fault)
    {
        if (!VerificationKey.TryImport(certificate.Key, out VerificationKey? publicKey, out fault))
            return null;

        // The surest proof that key and certificate belong together: one signs, the other verifies.
        byte[] probe = RandomNumberGenerator.GetBytes(Hash32.Bytes);
        if (publicKey.Verify(probe, key.Sign(probe)))
            return new IssuingAuthority(chain, certificate, key, publicKey);

        key.Dispose();
        fault = "The key does not belong to the certificate";
        return null;
    }
}
