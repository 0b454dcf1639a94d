using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using Node.Membership.Keys;
using Node.Protocol;

namespace Node.Membership.Certificates;

/// <summary>One line of a revocation list.</summary>
/// <param name="SerialNumber">Content of the INTEGER.</param>
/// <param name="ReasonCode">RFC 5280, 5.3.1; 0 leaves it out.</param>
internal readonly record struct RevocationEntry(
    ReadOnlyMemory<byte> SerialNumber, DateTimeOffset Time, byte ReasonCode);

/// <summary>Writes and signs certificates and revocation lists (RFC 5280) with ECDSA or Ed25519.</summary>
/// <remarks>The framework's own writer knows no Ed25519, and does not keep ECDSA signatures low.</remarks>
internal sealed class CertificateIssuer
{
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";
    private const string Ed25519 = "1.3.101.112";
    private const int SerialNumberBytes = 16;
    private readonly SigningKey _key;
    private readonly ReadOnlyMemory<byte> _name;
    private readonly byte[] _keyId;

    /// <summary>For an authority that exists.</summary>
    public CertificateIssuer(Certificate authority, SigningKey key)
    {
        _key = key;
        _name = authority.Subject;
        _keyId = authority.Extensions.SubjectKeyId.ToArray();
    }

    private CertificateIssuer(SubjectParts name, SigningKey key)
    {
        _key = key;
        _name = EncodeName(name);
        _keyId = KeyIdOf(key.SubjectPublicKeyInfo);
    }

    /// <summary>A certificate that vouches for itself.</summary>
    public static byte[] IssueRoot(CertificateContent content, SigningKey key) =>
        new CertificateIssuer(content.Subject, key).Issue(content, key.SubjectPublicKeyInfo);

    /// <returns>DER.</returns>
    public byte[] Issue(CertificateContent content, ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(ContextTag(0)))
                writer.WriteInteger(2);

            WriteSerialNumber(writer, content.SerialNumber.Span);
            WriteScheme(writer);
            writer.WriteEncodedValue(_name.Span);
            using (writer.PushSequence())
            {
                WriteTime(writer, content.NotBefore);
                WriteTime(writer, content.NotAfter);
            }

            writer.WriteEncodedValue(EncodeName(content.Subject));
            writer.WriteEncodedValue(subjectPublicKeyInfo.Span);
            using (writer.PushSequence(ContextTag(3)))
            using (writer.PushSequence())
                WriteExtensions(writer, content, subjectPublicKeyInfo);
        }

        return Sign(writer.Encode());
    }

    /// <summary>A revocation list over serial numbers (contents of INTEGER) that all end now.</summary>
    public byte[] IssueRevocationList(IEnumerable<ReadOnlyMemory<byte>> serialNumbers, DateTimeOffset time) =>
        IssueRevocationList(
            serialNumbers.Select(serial => new RevocationEntry(serial, time, ReasonCode: 0)), time, time.AddYears(10));

    /// <param name="nextUpdate">When those who keep lists should ask for a newer one.</param>
    /// <returns>DER.</returns>
    public byte[] IssueRevocationList(
        IEnumerable<RevocationEntry> entries, DateTimeOffset time, DateTimeOffset nextUpdate)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            WriteScheme(writer);
            writer.WriteEncodedValue(_name.Span);
            WriteTime(writer, time);
            WriteTime(writer, nextUpdate);
            WriteEntries(writer, entries);
            using (writer.PushSequence(ContextTag(0)))
            using (writer.PushSequence())
                WriteExtension(writer, "2.5.29.35", critical: false, EncodeAuthorityKeyId());
        }

        return Sign(writer.Encode());
    }

    private static void WriteEntries(AsnWriter writer, IEnumerable<RevocationEntry> entries)
    {
        using (writer.PushSequence())
        {
            foreach (RevocationEntry entry in entries)
            {
                using (writer.PushSequence())
                {
                    writer.WriteInteger(entry.SerialNumber.Span);
                    WriteTime(writer, entry.Time);

                    // RFC 5280, 5.3.1: no reason rather than "unspecified".
                    if (entry.ReasonCode == 0)
                        continue;

                    using (writer.PushSequence())
                        WriteExtension(writer, "2.5.29.21", critical: false, [0x0a, 0x01, entry.ReasonCode]);
                }
            }
        }
    }

    private byte[] Sign(byte[] toBeSigned)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(toBeSigned);
            WriteScheme(writer);
            writer.WriteBitString(_key.Sign(toBeSigned));
        }

        return writer.Encode();
    }

    private void WriteScheme(AsnWriter writer)
    {
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(_key.Scheme == SignatureScheme.Ed25519 ? Ed25519 : EcdsaSha256);
    }

    private void WriteExtensions(
        AsnWriter writer, CertificateContent content, ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        WriteExtension(writer, "2.5.29.15", critical: true, EncodeKeyUsage(content));
        if (content.ExtendedKeyUsages.Count > 0)
            WriteExtension(writer, "2.5.29.37", critical: false, EncodeExtendedKeyUsages(content.ExtendedKeyUsages));

        WriteExtension(writer, "2.5.29.19", critical: true, EncodeBasicConstraints(content));
        if (content.IsAuthority || content.HasSubjectKeyId)
            WriteExtension(writer, "2.5.29.14", critical: false, EncodeOctets(KeyIdOf(subjectPublicKeyInfo)));

        WriteExtension(writer, "2.5.29.35", critical: false, EncodeAuthorityKeyId());
        if (content.DnsNames.Count + content.Addresses.Count + content.EmailAddresses.Count + content.Uris.Count > 0)
            WriteExtension(writer, "2.5.29.17", critical: false, EncodeAlternativeNames(content));
        if (!content.AttributesJson.IsEmpty)
            WriteExtension(writer, "1.2.3.4.5.6.7.8.1", critical: false, content.AttributesJson.ToArray());
    }

    private static void WriteExtension(AsnWriter writer, string oid, bool critical, byte[] value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
                writer.WriteBoolean(true);

            writer.WriteOctetString(value);
        }
    }

    private static byte[] EncodeKeyUsage(CertificateContent content)
    {
        // Bits as in RFC 5280: digitalSignature 0, keyEncipherment 2, keyCertSign 5, cRLSign 6.
        const byte Authority = 0b1010_0110;
        const byte Node = 0b1010_0000;
        const byte Signer = 0b1000_0000;
        byte implied = content.IsAuthority ? Authority : content.ExtendedKeyUsages.Count > 0 ? Node : Signer;
        byte bits = content.KeyUsageBits != 0 ? content.KeyUsageBits : implied;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteBitString([bits], System.Numerics.BitOperations.TrailingZeroCount(bits));
        return writer.Encode();
    }

    private static byte[] EncodeExtendedKeyUsages(IReadOnlyList<string> purposes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (string purpose in purposes)
                writer.WriteObjectIdentifier(purpose);
        }

        return writer.Encode();
    }

    private static byte[] EncodeBasicConstraints(CertificateContent content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (content.IsAuthority)
                writer.WriteBoolean(true);
            if (content.PathLength is { } length)
                writer.WriteInteger(length);
        }

        return writer.Encode();
    }

    private byte[] EncodeAuthorityKeyId()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            writer.WriteOctetString(_keyId, Primitive(0));

        return writer.Encode();
    }

    private static byte[] EncodeAlternativeNames(CertificateContent content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (string address in content.EmailAddresses)
                writer.WriteCharacterString(UniversalTagNumber.IA5String, address, Primitive(1));
            foreach (string name in content.DnsNames)
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, Primitive(2));
            foreach (string uri in content.Uris)
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, Primitive(6));
            foreach (IPAddress address in content.Addresses)
                writer.WriteOctetString(address.GetAddressBytes(), Primitive(7));
        }

        return writer.Encode();
    }

    private static byte[] EncodeOctets(byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return writer.Encode();
    }

    private static byte[] EncodeName(SubjectParts name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteNamePart(writer, "2.5.4.6", name.Country, UniversalTagNumber.PrintableString);
            WriteNamePart(writer, "2.5.4.8", name.Province, UniversalTagNumber.UTF8String);
            WriteNamePart(writer, "2.5.4.7", name.Locality, UniversalTagNumber.UTF8String);
            WriteNamePart(writer, "2.5.4.9", name.Street, UniversalTagNumber.UTF8String);
            WriteNamePart(writer, "2.5.4.17", name.PostalCode, UniversalTagNumber.UTF8String);
            WriteNamePart(writer, "2.5.4.10", name.Organization, UniversalTagNumber.UTF8String);
            WriteUnits(writer, name.OrganizationalUnits);
            WriteNamePart(writer, "2.5.4.3", name.CommonName, UniversalTagNumber.UTF8String);
        }

        return writer.Encode();
    }

    private static void WriteNamePart(AsnWriter writer, string oid, string value, UniversalTagNumber encoding)
    {
        if (value.Length == 0)
            return;

        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(encoding, value);
        }
    }

    // All units are one part of the name with several values, as Go's library writes them.
    private static void WriteUnits(AsnWriter writer, IReadOnlyList<string> units)
    {
        if (units.Count == 0)
            return;

        using (writer.PushSetOf())
        {
            foreach (string unit in units)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.5.4.11");
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, unit);
                }
            }
        }
    }

    private static void WriteSerialNumber(AsnWriter writer, ReadOnlySpan<byte> given)
    {
        if (!given.IsEmpty)
        {
            writer.WriteIntegerUnsigned(given);
            return;
        }

        // Positive and never shortened: the top bit is cleared, the one below it set.
        Span<byte> number = stackalloc byte[SerialNumberBytes];
        RandomNumberGenerator.Fill(number);
        number[0] = (byte)((number[0] & 0x7f) | 0x40);
        writer.WriteInteger(number);
    }

    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        // RFC 5280, 4.1.2.5: two-digit years up to 2049, four digits after.
        if (time.Year < 2050)
            writer.WriteUtcTime(time.ToUniversalTime());
        else
            writer.WriteGeneralizedTime(time.ToUniversalTime(), omitFractionalSeconds: true);
    }

    private static byte[] KeyIdOf(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var reader = new DerReader(subjectPublicKeyInfo);
        SubjectKey? key = null;
        bool read = reader.TryRead(out DerElement element) && SubjectKey.TryRead(element, out key);
        Invariant.Require(read && key is not null, "the keys that certificates are issued for are our own or checked");
        return SHA256.HashData(key.KeyBits.Span);
    }

    private static Asn1Tag Primitive(int number) => new(TagClass.ContextSpecific, number);

    private static Asn1Tag ContextTag(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
