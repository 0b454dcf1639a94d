using Node.Membership.Certificates;
using NSec.Cryptography;

namespace Node.Membership.Keys;

/// <inheritdoc cref="VerificationKey"/>
internal sealed class Ed25519VerificationKey : VerificationKey
{
    private readonly PublicKey _key;

    private Ed25519VerificationKey(PublicKey key) => _key = key;

    public override bool IsForIdentities => true;

    public static Ed25519VerificationKey? TryImport(SubjectKey key) =>
        PublicKey.TryImport(
            SignatureAlgorithm.Ed25519, key.KeyBits.Span, KeyBlobFormat.RawPublicKey, out PublicKey? imported)
            ? new Ed25519VerificationKey(imported)
            : null;

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureAlgorithm.Ed25519.SignatureSize
        && SignatureAlgorithm.Ed25519.Verify(_key, message, signature);

    public override bool VerifyIssued(
        SignatureScheme scheme, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
        scheme == SignatureScheme.Ed25519 && Verify(signed, signature);
}
