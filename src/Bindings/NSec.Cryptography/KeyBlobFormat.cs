namespace NSec.Cryptography;

/// <summary>How a key is written as bytes. Formats of private keys are negative.</summary>
public enum KeyBlobFormat
{
    None = 0,

    /// <summary>The 32 bytes of the seed.</summary>
    RawPrivateKey = -1,

    /// <summary>PKCS #8, DER (RFC 8410).</summary>
    PkixPrivateKey = -2,

    /// <summary>PKCS #8, PEM: <c>PRIVATE KEY</c>.</summary>
    PkixPrivateKeyText = -3,

    /// <summary>The 32 bytes of the public key.</summary>
    RawPublicKey = 1,

    /// <summary>SubjectPublicKeyInfo, DER (RFC 8410).</summary>
    PkixPublicKey = 2,

    /// <summary>SubjectPublicKeyInfo, PEM: <c>PUBLIC KEY</c>.</summary>
    PkixPublicKeyText = 3,
}
