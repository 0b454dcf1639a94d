using System.Security.Cryptography;
using Node.Membership.Certificates;

namespace Node.Membership.Keys;

/// <inheritdoc cref="VerificationKey"/>
internal sealed class EcdsaVerificationKey : VerificationKey
{
    private readonly EcCurve _curve;
    private readonly KeyPool _keys;

    private EcdsaVerificationKey(EcCurve curve, byte[] subjectPublicKeyInfo)
    {
        _curve = curve;
        _keys = new KeyPool(() => Import(subjectPublicKeyInfo));
    }

    public override EcCurve? Curve => _curve;

    public override bool IsForIdentities => true;

    /// <summary>Null when the key is no point of its curve.</summary>
    public static EcdsaVerificationKey? TryImport(SubjectKey key)
    {
        if (key.Curve is not { } curve)
            return null;

        var imported = new EcdsaVerificationKey(curve, key.SubjectPublicKeyInfo.ToArray());
        try
        {
            imported._keys.Return(imported._keys.Rent());
            return imported;
        }
        catch (CryptographicException)
        {
            // The engine alone knows whether the point is on the curve, and says so in this way.
            return null;
        }
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedSize = stackalloc byte[EcCurve.FixedBytesMax];
        int bytes = EcdsaSignature.ReadLowS(signature, _curve, fixedSize);
        if (bytes == 0)
            return false;

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        return VerifyDigest(digest, fixedSize[..bytes]);
    }

    public override bool VerifyIssued(
        SignatureScheme scheme, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedSize = stackalloc byte[EcCurve.FixedBytesMax];
        int bytes = EcdsaSignature.ReadAnyS(signature, _curve, fixedSize);
        bool isEcdsa = scheme
            is SignatureScheme.EcdsaSha256 or SignatureScheme.EcdsaSha384 or SignatureScheme.EcdsaSha512;
        if (bytes == 0 || !isEcdsa)
            return false;

        byte[] digest = CryptographicOperations.HashData(SignatureSchemes.DigestOf(scheme), signed);
        return VerifyDigest(digest, fixedSize[..bytes]);
    }

    private bool VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> fixedSize)
    {
        ECDsa key = _keys.Rent();
        bool valid = key.VerifyHash(digest, fixedSize, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _keys.Return(key);
        return valid;
    }

    private static ECDsa Import(byte[] subjectPublicKeyInfo)
    {
        ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key;
    }
}
