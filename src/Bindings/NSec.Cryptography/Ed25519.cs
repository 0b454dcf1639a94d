namespace NSec.Cryptography;

/// <summary>Ed25519 of RFC 8032.</summary>
/// <remarks>
/// Verification refuses what would let two encodings pass for one: an S not below the group order, a public key or
/// R of small order, and a public key that is not in its one canonical form.
/// </remarks>
public sealed unsafe class Ed25519 : SignatureAlgorithm
{
    internal const int SeedBytes = 32;
    internal const int PublicBytes = 32;

    // libsodium's secret key is the seed followed by the public key.
    private const int SecretBytes = SeedBytes + PublicBytes;

    internal Ed25519()
        : base(privateKeySize: SeedBytes, publicKeySize: PublicBytes, signatureSize: 64)
    {
        Sodium.Initialize();
    }

    /// <summary>Expands a seed into the secret kept in guarded memory and the public key.</summary>
    internal static SecretMemory Expand(ReadOnlySpan<byte> seed, out byte[] publicKey)
    {
        publicKey = new byte[PublicBytes];
        var secret = new SecretMemory(SecretBytes);
        fixed (byte* seedBytes = seed, publicBytes = publicKey)
            _ = Sodium.crypto_sign_ed25519_seed_keypair(publicBytes, secret.Bytes, seedBytes);

        secret.Seal();
        return secret;
    }

    private protected override void SignCore(Key key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        bool added = false;
        SecretMemory secret = key.Secret;
        try
        {
            secret.DangerousAddRef(ref added);
            fixed (byte* signatureBytes = signature, dataBytes = data)
            {
                _ = Sodium.crypto_sign_ed25519_detached(
                    signatureBytes, null, dataBytes, (ulong)data.Length, secret.Bytes);
            }
        }
        finally
        {
            if (added)
                secret.DangerousRelease();
        }
    }

    private protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        fixed (byte* keyBytes = publicKey, signatureBytes = signature, dataBytes = data)
        {
            return Sodium.crypto_sign_ed25519_verify_detached(
                signatureBytes, dataBytes, (ulong)data.Length, keyBytes) == 0;
        }
    }
}
