using System.Security.Cryptography;
using Node.Membership.Certificates;

namespace Node.Membership.Keys;

/// <summary>An RSA key of an issuer. Identities never have one.</summary>
internal sealed class RsaVerificationKey : VerificationKey
{
    private const int KeyBitsMin = 2048;
    private const int KeyBitsMax = 8192;   // Checking costs grow with the square; nobody issues with more.
    private readonly Lock _lock = new();   // Guards _key: issuers are asked rarely, and only on a cache miss.
    private readonly RSA _key;

    private RsaVerificationKey(RSA key) => _key = key;

    public override bool IsForIdentities => false;

    public static RsaVerificationKey? TryImport(SubjectKey key)
    {
        RSA imported = RSA.Create();
        try
        {
            imported.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            if (imported.KeySize is >= KeyBitsMin and <= KeyBitsMax)
                return new RsaVerificationKey(imported);
        }
        catch (CryptographicException)
        {
            // Malformed: answered below.
        }

        imported.Dispose();
        return null;
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => false;

    public override bool VerifyIssued(
        SignatureScheme scheme, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (scheme is not (SignatureScheme.RsaSha256 or SignatureScheme.RsaSha384 or SignatureScheme.RsaSha512))
            return false;

        lock (_lock)
            return _key.VerifyData(signed, signature, SignatureSchemes.DigestOf(scheme), RSASignaturePadding.Pkcs1);
    }
}
