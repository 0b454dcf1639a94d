using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Node.Membership.Keys;

/// <summary>A private key, imported once and ready. Any thread may sign.</summary>
internal abstract class SigningKey : IDisposable
{
    /// <summary>DER of the public key's SubjectPublicKeyInfo.</summary>
    public abstract ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>How certificates signed with it name their signature.</summary>
    public abstract SignatureScheme Scheme { get; }

    /// <summary>ECDSA over SHA-256 as DER with low s, or Ed25519 over the message.</summary>
    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    /// <summary>PKCS#8, unencrypted, as PEM.</summary>
    public abstract string ExportPem();

    public abstract void Dispose();

    public static SigningKey Create(KeyType type) =>
        type == KeyType.Ed25519 ? Ed25519SigningKey.Create() : EcdsaSigningKey.Create();

    /// <param name="pem">PKCS#8 ("PRIVATE KEY") or, for ECDSA, SEC 1 ("EC PRIVATE KEY").</param>
    public static bool TryImport(
        string pem, [NotNullWhen(true)] out SigningKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        try
        {
            key = Ed25519SigningKey.TryImport(pem, out Ed25519SigningKey? ed25519)
                ? ed25519
                : EcdsaSigningKey.Import(pem);
            fault = null;
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            fault = $"the private key cannot be read: {e.Message}";
            return false;
        }
    }
}
