using System.Diagnostics.CodeAnalysis;
using Node.Membership.Certificates;
using Node.Membership.Keys;

namespace Node.Membership.Issuing;

/// <summary>What names one certificate of one authority: two numbers in lower-case hex.</summary>
/// <param name="AuthorityKeyId">Of the issuer; compared without colons and without leading zeros.</param>
/// <param name="SerialNumber">As <paramref name="AuthorityKeyId"/>.</param>
public sealed record CertificateNumber(string AuthorityKeyId, string SerialNumber)
{
    private const int DigitsMax = 256;

    /// <summary>Lower case, no colons, no leading zeros, so that all spellings of a number are one text.</summary>
    public static bool TryParseHex(string text, out string number)
    {
        number = text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant().TrimStart('0');
        return text.Length is > 0 and <= DigitsMax && number.All(char.IsAsciiHexDigitLower);
    }

    internal static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes).TrimStart('0');

    public override string ToString() => $"serial {SerialNumber} of issuer {AuthorityKeyId}";
}

/// <summary>
/// A certificate that somebody shows. Nothing about it is verified until one of its methods is asked.
/// </summary>
/// <remarks>Immutable; any thread. No input makes it throw.</remarks>
public sealed class PresentedCertificate
{
    private readonly Certificate _certificate;

    private PresentedCertificate(Certificate certificate)
    {
        _certificate = certificate;
        Number = new CertificateNumber(
            CertificateNumber.OfBytes(certificate.Extensions.AuthorityKeyId.Span),
            CertificateNumber.OfBytes(certificate.SerialNumber.Span));
        Attributes = IdentityAttributes.Read(certificate.Extensions.AttributesJson);
    }

    public CertificateNumber Number { get; }

    public string CommonName => _certificate.SubjectName.CommonName;

    public IReadOnlyList<string> OrganizationalUnits => _certificate.SubjectName.OrganizationalUnits;

    public IReadOnlyDictionary<string, string> Attributes { get; }

    public DateTimeOffset NotBefore => _certificate.NotBefore;

    public DateTimeOffset NotAfter => _certificate.NotAfter;

    public ReadOnlyMemory<byte> Der => _certificate.Der;

    /// <summary>False for Ed25519, which Fabric CA's tokens cannot be signed with.</summary>
    public bool CanSignTokens => _certificate.Key.Kind == SubjectKeyKind.Ecdsa;

    public bool IsAuthority => _certificate.Extensions.IsAuthority;

    internal ReadOnlyMemory<byte> KeyBits => _certificate.Key.KeyBits;

    internal Certificate Certificate => _certificate;

    public static bool TryReadPem(
        ReadOnlySpan<byte> pem,
        [NotNullWhen(true)] out PresentedCertificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = Certificate.TryReadPem(pem, out Certificate? read, out fault)
            ? new PresentedCertificate(read)
            : null;
        return certificate is not null;
    }

    public static bool TryReadDer(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out PresentedCertificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = Certificate.TryRead(der, out Certificate? read, out fault)
            ? new PresentedCertificate(read)
            : null;
        return certificate is not null;
    }

    public string ToPem() => Pem.Encode(Pem.CertificateLabel, _certificate.Der.Span);

    /// <summary>
    /// Checks a signature by this certificate's key: ECDSA over SHA-256 with low s, or Ed25519 over the message.
    /// </summary>
    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        VerificationKey.TryImport(_certificate.Key, out VerificationKey? key, out _)
        && key.IsForIdentities
        && key.Verify(message, signature);
}
