using System.Diagnostics.CodeAnalysis;
using Node.Membership.Keys;

namespace Node.Membership.Certificates;

/// <summary>
/// An X.509 certificate (RFC 5280) taken apart. Nothing about it is verified; slices point into its DER.
/// </summary>
internal sealed class Certificate
{
    private Certificate(ReadOnlyMemory<byte> der) => Der = der;

    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>What the issuer signed. Two certificates with equal bytes here are one certificate.</summary>
    public ReadOnlyMemory<byte> ToBeSigned { get; private set; }

    /// <summary>The signature algorithm's identifier, as it lies between what is signed and the signature.</summary>
    public ReadOnlyMemory<byte> SchemeEncoded { get; private set; }

    public SignatureScheme Scheme { get; private set; }

    public ReadOnlyMemory<byte> Signature { get; private set; }

    /// <summary>Content of the INTEGER.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; private set; }

    public ReadOnlyMemory<byte> Issuer { get; private set; }

    public ReadOnlyMemory<byte> Subject { get; private set; }

    public DistinguishedName SubjectName { get; private set; } = new("", []);

    public DateTimeOffset NotBefore { get; private set; }

    public DateTimeOffset NotAfter { get; private set; }

    public SubjectKey Key { get; private set; } = null!;   // Set by TryRead, without which there is no instance.

    public CertificateExtensions Extensions { get; private set; } = CertificateExtensions.None;

    public bool IsSelfIssued => Issuer.Span.SequenceEqual(Subject.Span);

    public static bool TryReadPem(
        ReadOnlySpan<byte> pem,
        [NotNullWhen(true)] out Certificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = null;
        if (pem.Length > MembershipLimits.CertificatePemBytesMax)
        {
            fault = $"its text has {pem.Length} bytes, at most {MembershipLimits.CertificatePemBytesMax} are read";
            return false;
        }

        return Pem.TryDecode(pem, Pem.CertificateLabel, MembershipLimits.CertificateBytesMax, out byte[] der, out fault)
            && TryRead(der, out certificate, out fault);
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out Certificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = null;
        if (der.Length > MembershipLimits.CertificateBytesMax)
        {
            fault = $"it has {der.Length} bytes, at most {MembershipLimits.CertificateBytesMax} are read";
            return false;
        }

        var read = new Certificate(der);
        var file = new DerReader(der);
        if (!file.TryEnter(DerTag.Sequence, out DerReader outer)
            || !file.IsAtEnd
            || !outer.TryRead(DerTag.Sequence, out DerElement toBeSigned)
            || !outer.TryRead(DerTag.Sequence, out DerElement scheme)
            || !outer.TryReadBytesOfBits(out ReadOnlyMemory<byte> signature)
            || !outer.IsAtEnd)
        {
            fault = "it is not the DER of a certificate";
            return false;
        }

        read.ToBeSigned = toBeSigned.Encoded;
        read.SchemeEncoded = scheme.Encoded;
        read.Signature = signature;
        fault = read.ReadToBeSigned(new DerReader(toBeSigned.Content));
        certificate = fault is null ? read : null;
        return fault is null;
    }

    private string? ReadToBeSigned(DerReader reader)
    {
        if (!TryReadVersion(ref reader, out int version)
            || !reader.TryReadContent(DerTag.Integer, out ReadOnlyMemory<byte> serial)
            || serial.Length is 0 or > 64
            || !reader.TryRead(DerTag.Sequence, out DerElement scheme)
            || !reader.TryRead(DerTag.Sequence, out DerElement issuer)
            || !reader.TryEnter(DerTag.Sequence, out DerReader validity)
            || !reader.TryRead(DerTag.Sequence, out DerElement subject)
            || !reader.TryRead(DerTag.Sequence, out DerElement key))
            return "its fields are not those of a certificate";
        if (!scheme.Encoded.Span.SequenceEqual(SchemeEncoded.Span))
            return "it names two different signature algorithms";
        if (!TryReadScheme(scheme.Content, out SignatureScheme known))
            return "its signature algorithm is malformed";
        if (!DerTime.TryRead(ref validity, out DateTimeOffset notBefore)
            || !DerTime.TryRead(ref validity, out DateTimeOffset notAfter)
            || !validity.IsAtEnd)
            return "its validity is malformed";
        if (!DistinguishedName.TryRead(subject.Content, out DistinguishedName name))
            return "its subject is malformed";
        if (!SubjectKey.TryRead(key, out SubjectKey? subjectKey) || subjectKey is null)
            return "its public key is malformed";

        Scheme = known;
        SerialNumber = serial;
        Issuer = issuer.Encoded;
        Subject = subject.Encoded;
        SubjectName = name;
        NotBefore = notBefore;
        NotAfter = notAfter;
        Key = subjectKey;
        return ReadRest(reader, version);
    }

    private string? ReadRest(DerReader reader, int version)
    {
        // Unique identifiers of version 2: nobody uses them, everybody must step over them.
        if (!reader.TryReadOptional(DerTag.Implicit(1), out _, out _)
            || !reader.TryReadOptional(DerTag.Implicit(2), out _, out _)
            || !reader.TryReadOptional(DerTag.Explicit(3), out bool extended, out ReadOnlyMemory<byte> wrapped)
            || !reader.IsAtEnd)
            return "its fields are not those of a certificate";
        if (!extended)
            return null;
        if (version != 3)
            return "it has extensions, but is not of version 3";
        if (!CertificateExtensions.TryRead(wrapped, out CertificateExtensions? extensions, out string? fault))
            return fault;

        Extensions = extensions;
        return null;
    }

    private static bool TryReadVersion(ref DerReader reader, out int version)
    {
        version = 1;
        if (!reader.TryReadOptional(DerTag.Explicit(0), out bool found, out ReadOnlyMemory<byte> wrapped))
            return false;
        if (!found)
            return true;

        var inner = new DerReader(wrapped);
        if (!inner.TryReadContent(DerTag.Integer, out ReadOnlyMemory<byte> number)
            || !inner.IsAtEnd
            || number.Length != 1
            || number.Span[0] > 2)
            return false;

        version = number.Span[0] + 1;
        return true;
    }

    private static bool TryReadScheme(ReadOnlyMemory<byte> content, out SignatureScheme scheme)
    {
        var reader = new DerReader(content);
        bool read = reader.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid);
        scheme = SignatureSchemes.Find(oid.Span);
        return read;
    }
}
