using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace NSec.Cryptography;

/// <summary>A private key and its public key. The secret lies in guarded memory until disposed.</summary>
/// <remarks>Immutable but for archiving; any thread may sign with it.</remarks>
public sealed class Key : IDisposable
{
    private int _archived; // 1 once an AllowPlaintextArchiving export was given out.

    private Key(Algorithm algorithm, SecretMemory secret, PublicKey publicKey, KeyExportPolicies exportPolicy)
    {
        Algorithm = algorithm;
        Secret = secret;
        PublicKey = publicKey;
        ExportPolicy = exportPolicy;
    }

    public Algorithm Algorithm { get; }

    public KeyExportPolicies ExportPolicy { get; }

    /// <summary>The other half. Stays usable after the key is disposed.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Bytes of the private key.</summary>
    public int Size => PublicKey.Size; // The same for Ed25519.

    internal SecretMemory Secret { get; }

    /// <summary>Makes a new key from the system's randomness.</summary>
    public static Key Create(Algorithm algorithm, in KeyCreationParameters creationParameters = default)
    {
        RequireEd25519(algorithm);
        Span<byte> seed = stackalloc byte[Ed25519.SeedBytes];
        try
        {
            RandomNumberGenerator.Fill(seed);
            return FromSeed(algorithm, seed, creationParameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <exception cref="FormatException">The bytes are no private key in this format.</exception>
    public static Key Import(
        Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format,
        in KeyCreationParameters creationParameters = default) =>
        TryImport(algorithm, blob, format, out Key? key, creationParameters)
            ? key
            : throw new FormatException($"These {blob.Length} bytes are no private key in format {format}.");

    public static bool TryImport(
        Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format, [NotNullWhen(true)] out Key? result,
        in KeyCreationParameters creationParameters = default)
    {
        RequireEd25519(algorithm);
        Span<byte> seed = stackalloc byte[Ed25519.SeedBytes];
        try
        {
            bool read = KeyBlobs.TryReadPrivate(blob, format, seed);
            result = read ? FromSeed(algorithm, seed, creationParameters) : null;
            return read;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <exception cref="InvalidOperationException">The policy does not let the private key out, or not
    /// again.</exception>
    /// <exception cref="ObjectDisposedException">Disposed before.</exception>
    public unsafe byte[] Export(KeyBlobFormat format)
    {
        if (format >= 0)
            return PublicKey.Export(format);

        bool added = false;
        try
        {
            Secret.DangerousAddRef(ref added);
            RequireExportAllowed();
            return KeyBlobs.WritePrivate(new ReadOnlySpan<byte>(Secret.Bytes, Ed25519.SeedBytes), format);
        }
        finally
        {
            if (added)
                Secret.DangerousRelease();
        }
    }

    public void Dispose() => Secret.Dispose();

    internal static void RequireEd25519(Algorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (algorithm is not Ed25519)
            throw new ArgumentException("Only Ed25519 keys are supported.", nameof(algorithm));
    }

    private static Key FromSeed(Algorithm algorithm, ReadOnlySpan<byte> seed, in KeyCreationParameters parameters)
    {
        SecretMemory secret = Ed25519.Expand(seed, out byte[] publicKey);
        return new Key(algorithm, secret, new PublicKey(algorithm, publicKey), parameters.ExportPolicy);
    }

    private void RequireExportAllowed()
    {
        if (ExportPolicy.HasFlag(KeyExportPolicies.AllowPlaintextExport))
            return;
        if (!ExportPolicy.HasFlag(KeyExportPolicies.AllowPlaintextArchiving))
            throw new InvalidOperationException("The export policy of this key keeps the private key in.");
        if (Interlocked.Exchange(ref _archived, 1) != 0)
            throw new InvalidOperationException("The private key was archived before, and may be only once.");
    }
}
