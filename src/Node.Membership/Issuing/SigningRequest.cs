using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Membership.Certificates;
using Node.Membership.Keys;

namespace Node.Membership.Issuing;

/// <summary>
/// A certification request (PKCS #10, RFC 2986): a public key, the name it is to get, and the proof that whoever asks
/// holds the private key.
/// </summary>
/// <remarks>Bytes nobody has vouched for: no input makes it throw.</remarks>
public sealed class SigningRequest
{
    /// <summary>Largest request, in bytes of DER.</summary>
    public const int BytesMax = 16 << 10;

    private const int NamePartCharsMax = 128;

    private SigningRequest(ReadOnlyMemory<byte> subjectPublicKeyInfo) => SubjectPublicKeyInfo = subjectPublicKeyInfo;

    public string CommonName { get; private set; } = "";

    public string Country { get; private set; } = "";

    public string Province { get; private set; } = "";

    public string Locality { get; private set; } = "";

    public string Organization { get; private set; } = "";

    public AlternativeNames AlternativeNames { get; private set; } = AlternativeNames.None;

    internal ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Reads a request and checks its signature with the key that it brings.</summary>
    public static bool TryReadPem(
        ReadOnlySpan<byte> pem,
        [NotNullWhen(true)] out SigningRequest? request,
        [NotNullWhen(false)] out string? fault)
    {
        request = null;
        if (!Pem.TryDecode(pem, Pem.RequestLabel, BytesMax, out byte[] der, out fault)
            && !Pem.TryDecode(pem, Pem.NewRequestLabel, BytesMax, out der, out _))
            return false;

        return TryRead(der, out request, out fault);
    }

    private static bool TryRead(
        byte[] der, [NotNullWhen(true)] out SigningRequest? request, [NotNullWhen(false)] out string? fault)
    {
        request = null;
        fault = "it is not the DER of a certification request";
        var file = new DerReader(der);
        if (!file.TryEnter(DerTag.Sequence, out DerReader outer)
            || !file.IsAtEnd
            || !outer.TryRead(DerTag.Sequence, out DerElement body)
            || !outer.TryEnter(DerTag.Sequence, out DerReader scheme)
            || !scheme.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> schemeOid)
            || !outer.TryReadBytesOfBits(out ReadOnlyMemory<byte> signature)
            || !outer.IsAtEnd)
            return false;

        var reader = new DerReader(body.Content);
        if (!reader.TryReadContent(DerTag.Integer, out _)
            || !reader.TryRead(DerTag.Sequence, out DerElement subject)
            || !reader.TryRead(DerTag.Sequence, out DerElement keyElement)
            || !reader.TryReadOptional(DerTag.Explicit(0), out _, out ReadOnlyMemory<byte> attributes)
            || !reader.IsAtEnd
            || !SubjectKey.TryRead(keyElement, out SubjectKey? subjectKey)
            || subjectKey is null)
            return false;

        if (!VerificationKey.TryImport(subjectKey, out VerificationKey? key, out fault))
            return false;
        if (!key.IsForIdentities)
        {
            fault = $"its public key ({subjectKey.Describe()}) is of a kind that identities cannot have: use ECDSA " +
                "P-256 or Ed25519";
            return false;
        }

        var read = new SigningRequest(keyElement.Encoded);
        fault = read.ReadSubject(subject.Content) ?? read.ReadAttributes(attributes);
        if (fault is null && !key.VerifyIssued(
            SignatureSchemes.Find(schemeOid.Span), body.Encoded.Span, signature.Span))
            fault = "its signature is not by the key that it brings";

        request = fault is null ? read : null;
        return fault is null;
    }

    private string? ReadSubject(ReadOnlyMemory<byte> content)
    {
        var sets = new DerReader(content);
        int count = 0;
        while (!sets.IsAtEnd)
        {
            if (!sets.TryEnter(DerTag.Set, out DerReader set) || set.IsAtEnd)
                return "its subject is malformed";

            while (!set.IsAtEnd)
            {
                if (++count > MembershipLimits.SubjectNamesMax
                    || !set.TryEnter(DerTag.Sequence, out DerReader part)
                    || !part.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
                    || !part.TryRead(out DerElement text)
                    || !part.IsAtEnd)
                    return "its subject is malformed";
                if (!Take(oid.Span, TextOf(text)))
                    return $"a part of its subject is longer than {NamePartCharsMax} characters, or is no text";
            }
        }

        return Country.Length == 0 || (Country.Length == 2 && Country.All(char.IsAsciiLetter))
            ? null
            : "the country in its subject is no code of two letters";
    }

    // The last value counts where a part comes twice, as Go reads names. Units are the authority's to give.
    private bool Take(ReadOnlySpan<byte> oid, string value)
    {
        if (oid.SequenceEqual(KnownOid.CommonName))
            CommonName = value;
        else if (oid.SequenceEqual(KnownOid.Country))
            Country = value;
        else if (oid.SequenceEqual(KnownOid.Province))
            Province = value;
        else if (oid.SequenceEqual(KnownOid.Locality))
            Locality = value;
        else if (oid.SequenceEqual(KnownOid.Organization))
            Organization = value;

        return value.Length <= NamePartCharsMax && !value.Any(c => char.IsControl(c) || c == '\ufffd');
    }

    private static string TextOf(DerElement text) => text.Tag == DerTag.BmpString
        ? Encoding.BigEndianUnicode.GetString(text.Content.Span)
        : Encoding.UTF8.GetString(text.Content.Span);

    private string? ReadAttributes(ReadOnlyMemory<byte> attributes)
    {
        const string Malformed = "its attributes are malformed";
        var list = new DerReader(attributes);
        while (!list.IsAtEnd)
        {
            if (!list.TryEnter(DerTag.Sequence, out DerReader attribute)
                || !attribute.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
                || !attribute.TryEnter(DerTag.Set, out DerReader values))
                return Malformed;
            if (!oid.Span.SequenceEqual(KnownOid.ExtensionRequest))
                continue;
            if (!values.TryEnter(DerTag.Sequence, out DerReader extensions))
                return Malformed;
            if (ReadExtensions(extensions) is { } fault)
                return fault;
        }

        return null;
    }

    // Key usage and the like are decided by the profile; only names are the asker's to propose.
    private string? ReadExtensions(DerReader extensions)
    {
        while (!extensions.IsAtEnd)
        {
            if (!extensions.TryEnter(DerTag.Sequence, out DerReader extension)
                || !extension.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
                || !extension.TryReadFlag(out _)
                || !extension.TryReadContent(DerTag.OctetString, out ReadOnlyMemory<byte> value))
                return "the extensions it asks for are malformed";
            if (!oid.Span.SequenceEqual(KnownOid.SubjectAlternativeName))
                continue;
            if (!AlternativeNames.TryRead(value, out AlternativeNames names, out string fault))
                return fault;

            AlternativeNames = names;
        }

        return null;
    }
}
