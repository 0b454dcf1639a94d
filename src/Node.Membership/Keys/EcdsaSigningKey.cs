using System.Security.Cryptography;
using Node.Membership.Certificates;
using Node.Protocol;

namespace Node.Membership.Keys;

/// <inheritdoc cref="SigningKey"/>
internal sealed class EcdsaSigningKey : SigningKey
{
    private readonly ReadyPool<ECDsa> _keys;
    private readonly EcCurve _curve;
    private readonly byte[] _pkcs8;

    private EcdsaSigningKey(byte[] pkcs8, EcCurve curve, byte[] subjectPublicKeyInfo)
    {
        _pkcs8 = pkcs8;
        _curve = curve;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        _keys = new ReadyPool<ECDsa>(Import);
    }

    public override ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public override SignatureScheme Scheme => SignatureScheme.EcdsaSha256;

    public static EcdsaSigningKey Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Take(key);
    }

    /// <exception cref="CryptographicException">The key is malformed or over another curve.</exception>
    /// <exception cref="ArgumentException">The text holds no key.</exception>
    public static EcdsaSigningKey Import(string pem)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(pem);
        return Take(key);
    }

    public override byte[] Sign(ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);

        Span<byte> signature = stackalloc byte[EcCurve.SignatureBytesMax];
        ECDsa key = _keys.Rent();
        bool signed = key.TrySignHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence, out int bytes);
        _keys.Return(key);
        Invariant.Require(signed, "the buffer holds a signature over the largest curve");

        byte[]? lowS = EcdsaSignature.ToLowS(signature[..bytes], _curve);
        Invariant.Require(lowS is not null, "the engine writes signatures over its own curve");
        return lowS;
    }

    public override string ExportPem() => Pem.Encode(Pem.PrivateKeyLabel, _pkcs8);

    public override void Dispose()
    {
        _keys.Clear();
        CryptographicOperations.ZeroMemory(_pkcs8);
    }

    private static EcdsaSigningKey Take(ECDsa key)
    {
        byte[] publicKey = key.ExportSubjectPublicKeyInfo();
        var reader = new DerReader(publicKey);
        EcCurve? curve = reader.TryRead(out DerElement element) && SubjectKey.TryRead(element, out SubjectKey? read)
            ? read?.Curve
            : null;
        return curve is null
            ? throw new CryptographicException("The key is over a curve that is not supported; use P-256.")
            : new EcdsaSigningKey(key.ExportPkcs8PrivateKey(), curve, publicKey);
    }

    private ECDsa Import()
    {
        ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(_pkcs8, out _);
        return key;
    }
}
