using System.Diagnostics.CodeAnalysis;
using Node.Membership.Certificates;
using Node.Protocol;

namespace Node.Membership.Keys;

/// <summary>A public key, imported once and ready. Any thread.</summary>
internal abstract class VerificationKey
{
    /// <summary>Null for keys other than ECDSA.</summary>
    public virtual EcCurve? Curve => null;

    /// <summary>True for the kinds of key that an identity may have; an issuer may have others.</summary>
    public abstract bool IsForIdentities { get; }

    /// <summary>
    /// Checks a member's signature: ECDSA over SHA-256 with low S, whatever the curve; Ed25519 over the message.
    /// </summary>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Checks an issuer's signature over a certificate or revocation list. High S is accepted there.</summary>
    public abstract bool VerifyIssued(SignatureScheme scheme, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    /// <param name="key">Read from a certificate; nothing is trusted about it.</param>
    public static bool TryImport(
        SubjectKey key, [NotNullWhen(true)] out VerificationKey? imported, [NotNullWhen(false)] out string? fault)
    {
        imported = key.Kind switch
        {
            SubjectKeyKind.Ecdsa => EcdsaVerificationKey.TryImport(key),
            SubjectKeyKind.Ed25519 => Ed25519VerificationKey.TryImport(key),
            SubjectKeyKind.Rsa => RsaVerificationKey.TryImport(key),
            SubjectKeyKind.Unknown => null,
            _ => throw Invariant.Unreachable("every kind of key has its case"),
        };
        fault = imported is null ? $"its public key ({key.Describe()}) cannot be used" : null;
        return imported is not null;
    }
}
