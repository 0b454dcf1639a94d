using System.Security.Cryptography;
using Node.Membership.Certificates;

namespace Node.Membership.Keys;

/// <summary>How an issuer signed a certificate or revocation list.</summary>
internal enum SignatureScheme
{
    Unknown,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    Ed25519,
}

internal static class SignatureSchemes
{
    public static SignatureScheme Find(ReadOnlySpan<byte> oid)
    {
        if (oid.SequenceEqual(KnownOid.EcdsaSha256))
            return SignatureScheme.EcdsaSha256;
        if (oid.SequenceEqual(KnownOid.Ed25519))
            return SignatureScheme.Ed25519;
        if (oid.SequenceEqual(KnownOid.EcdsaSha384))
            return SignatureScheme.EcdsaSha384;
        if (oid.SequenceEqual(KnownOid.EcdsaSha512))
            return SignatureScheme.EcdsaSha512;
        if (oid.SequenceEqual(KnownOid.RsaSha256))
            return SignatureScheme.RsaSha256;
        if (oid.SequenceEqual(KnownOid.RsaSha384))
            return SignatureScheme.RsaSha384;

        return oid.SequenceEqual(KnownOid.RsaSha512) ? SignatureScheme.RsaSha512 : SignatureScheme.Unknown;
    }

    public static HashAlgorithmName DigestOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSha384 or SignatureScheme.RsaSha384 => HashAlgorithmName.SHA384,
        SignatureScheme.EcdsaSha512 or SignatureScheme.RsaSha512 => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };
}
