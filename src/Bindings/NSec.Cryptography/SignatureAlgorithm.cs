namespace NSec.Cryptography;

/// <summary>Signs messages and verifies signatures over them. Stateless; any thread.</summary>
public abstract class SignatureAlgorithm : Algorithm
{
    private static Ed25519? s_ed25519;

    private protected SignatureAlgorithm(int privateKeySize, int publicKeySize, int signatureSize)
    {
        PrivateKeySize = privateKeySize;
        PublicKeySize = publicKeySize;
        SignatureSize = signatureSize;
    }

    /// <summary>Ed25519 of RFC 8032, over the message itself, not a hash of it.</summary>
    public static Ed25519 Ed25519 => s_ed25519 ??= new Ed25519();

    /// <summary>Bytes of the private key, in RFC 8032 the seed.</summary>
    public int PrivateKeySize { get; }

    /// <summary>Bytes of the public key.</summary>
    public int PublicKeySize { get; }

    /// <summary>Bytes of a signature.</summary>
    public int SignatureSize { get; }

    public byte[] Sign(Key key, ReadOnlySpan<byte> data)
    {
        byte[] signature = new byte[SignatureSize];
        Sign(key, data, signature);
        return signature;
    }

    /// <param name="signature">Exactly <see cref="SignatureSize"/> bytes.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(Key key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Algorithm != this)
            throw new ArgumentException("The key belongs to another algorithm.", nameof(key));
        if (signature.Length != SignatureSize)
        {
            throw new ArgumentException(
                $"A signature has {SignatureSize} bytes, not {signature.Length}.", nameof(signature));
        }

        SignCore(key, data, signature);
    }

    /// <returns>False for a signature that does not verify, whatever its length.</returns>
    public bool Verify(PublicKey publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        if (publicKey.Algorithm != this)
            throw new ArgumentException("The key belongs to another algorithm.", nameof(publicKey));

        return signature.Length == SignatureSize && VerifyCore(publicKey.Bytes, data, signature);
    }

    private protected abstract void SignCore(Key key, ReadOnlySpan<byte> data, Span<byte> signature);

    private protected abstract bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}
