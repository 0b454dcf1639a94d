using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Node.Membership.Certificates;
using NSec.Cryptography;

namespace Node.Membership.Keys;

/// <summary>An Ed25519 key. Its files are those of RFC 8410.</summary>
/// <inheritdoc cref="SigningKey"/>
internal sealed class Ed25519SigningKey : SigningKey
{
    private const string OidText = "1.3.101.112";
    private const int KeyFileBytesMax = 1024;
    private readonly Key _key;

    private Ed25519SigningKey(Key key)
    {
        _key = key;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(OidText);

            writer.WriteBitString(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        }

        SubjectPublicKeyInfo = writer.Encode();
    }

    public override ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public override SignatureScheme Scheme => SignatureScheme.Ed25519;

    public static Ed25519SigningKey Create() => new(Key.Create(
        SignatureAlgorithm.Ed25519,
        new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>False when the PEM is some other key.</summary>
    public static bool TryImport(string pem, [NotNullWhen(true)] out Ed25519SigningKey? key)
    {
        key = null;
        byte[] text = Encoding.UTF8.GetBytes(pem);
        if (!Pem.TryDecode(text, Pem.PrivateKeyLabel, KeyFileBytesMax, out byte[] der, out _)
            || !TryReadSeed(der, out ReadOnlyMemory<byte> seed)
            || !Key.TryImport(
                SignatureAlgorithm.Ed25519,
                seed.Span,
                KeyBlobFormat.RawPrivateKey,
                out Key? imported,
                new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }))
            return false;

        CryptographicOperations.ZeroMemory(der);
        key = new Ed25519SigningKey(imported);
        return true;
    }

    public override byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public override string ExportPem()
    {
        byte[] seed = _key.Export(KeyBlobFormat.RawPrivateKey);
        var inner = new AsnWriter(AsnEncodingRules.DER);
        inner.WriteOctetString(seed);

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(OidText);

            writer.WriteOctetString(inner.Encode());
        }

        CryptographicOperations.ZeroMemory(seed);
        return Pem.Encode(Pem.PrivateKeyLabel, writer.Encode());
    }

    public override void Dispose() => _key.Dispose();

    private static bool TryReadSeed(byte[] pkcs8, out ReadOnlyMemory<byte> seed)
    {
        seed = default;
        var file = new DerReader(pkcs8);
        return file.TryEnter(DerTag.Sequence, out DerReader outer)
            && outer.TryReadContent(DerTag.Integer, out _)
            && outer.TryEnter(DerTag.Sequence, out DerReader algorithm)
            && algorithm.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
            && oid.Span.SequenceEqual(KnownOid.Ed25519)
            && outer.TryEnter(DerTag.OctetString, out DerReader wrapped)
            && wrapped.TryReadContent(DerTag.OctetString, out seed);
    }
}
