using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using Node.Membership.Certificates;
using Node.Membership.Keys;

namespace Node.Membership.Issuing;

/// <summary>A private key that asks a certificate authority for a certificate, and signs with it afterwards.</summary>
/// <remarks>Never leaves this process but through <see cref="ToPem"/>. Any thread may sign; its owner disposes
/// it.</remarks>
public sealed class EnrollmentKey : IDisposable
{
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";
    private const string Ed25519 = "1.3.101.112";
    private readonly SigningKey _key;

    private EnrollmentKey(SigningKey key) => _key = key;

    /// <summary>False for Ed25519, which Fabric CA's tokens cannot be signed with.</summary>
    public bool CanSignTokens => _key.Scheme != SignatureScheme.Ed25519;

    public static EnrollmentKey Create(KeyType type) => new(SigningKey.Create(type));

    /// <param name="pem">PKCS#8 or SEC 1, not encrypted.</param>
    public static bool TryFromPem(
        string pem, [NotNullWhen(true)] out EnrollmentKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = SigningKey.TryImport(pem, out SigningKey? imported, out fault) ? new EnrollmentKey(imported) : null;
        return key is not null;
    }

    /// <summary>PKCS#8, not encrypted. Files of it must be readable by their owner alone.</summary>
    public string ToPem() => _key.ExportPem();

    /// <summary>ECDSA over SHA-256 as DER with low s, or Ed25519 over the message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    /// <summary>True when this is the private key of a certificate.</summary>
    public bool BelongsTo(PresentedCertificate certificate)
    {
        var reader = new DerReader(_key.SubjectPublicKeyInfo);
        return reader.TryRead(out DerElement element)
            && SubjectKey.TryRead(element, out SubjectKey? own)
            && own is not null
            && CryptographicOperations.FixedTimeEquals(own.KeyBits.Span, certificate.KeyBits.Span);
    }

    /// <summary>A certification request (PKCS #10) as PEM.</summary>
    /// <param name="hosts">DNS names and IP addresses that the certificate shall name; usually none.</param>
    public string WriteRequest(string commonName, IReadOnlyList<string> hosts)
    {
        byte[] body = EncodeBody(commonName, hosts);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(_key.Scheme == SignatureScheme.Ed25519 ? Ed25519 : EcdsaSha256);

            writer.WriteBitString(_key.Sign(body));
        }

        return Pem.Encode(Pem.RequestLabel, writer.Encode());
    }

    public void Dispose() => _key.Dispose();

    private byte[] EncodeBody(string commonName, IReadOnlyList<string> hosts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            using (writer.PushSetOf())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("2.5.4.3");
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, commonName);
            }

            writer.WriteEncodedValue(_key.SubjectPublicKeyInfo.Span);
            using (writer.PushSetOf(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                if (hosts.Count > 0)
                    WriteExtensionRequest(writer, hosts);
            }
        }

        return writer.Encode();
    }

    private static void WriteExtensionRequest(AsnWriter writer, IReadOnlyList<string> hosts)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.9.14");
            using (writer.PushSetOf())
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("2.5.29.17");
                writer.WriteOctetString(EncodeNames(hosts));
            }
        }
    }

    private static byte[] EncodeNames(IReadOnlyList<string> hosts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (string host in hosts)
            {
                if (IPAddress.TryParse(host, out IPAddress? address))
                    writer.WriteOctetString(address.GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));
                else
                    writer.WriteCharacterString(
                        UniversalTagNumber.IA5String, host, new Asn1Tag(TagClass.ContextSpecific, 2));
            }
        }

        return writer.Encode();
    }
}
