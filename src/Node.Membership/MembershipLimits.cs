using Node.Protocol;

namespace Node.Membership;

/// <summary>What bounds certificates, revocation lists and membership providers, beside <see cref="Limits"/>.</summary>
public static class MembershipLimits
{
    /// <summary>Largest certificate, in bytes of DER.</summary>
    public const int CertificateBytesMax = 16 << 10;

    /// <summary>Largest certificate as PEM text, in bytes, with whatever stands around it.</summary>
    public const int CertificatePemBytesMax = 30 << 10;

    /// <summary>
    /// Largest revocation list, in bytes of DER: some hundred thousand serial numbers do not fit a config anyway.
    /// </summary>
    public const int RevocationListBytesMax = 4 << 20;

    /// <summary>Most root and intermediate certificates of one provider, together.</summary>
    public const int AuthoritiesMax = 64;

    /// <summary>Most certificates between an identity and its root, the root included.</summary>
    public const int ChainLengthMax = 8;

    /// <summary>Most extensions in one certificate.</summary>
    public const int ExtensionsMax = 32;

    /// <summary>Most names in one subject.</summary>
    public const int SubjectNamesMax = 64;

    /// <summary>Longest policy text, in characters.</summary>
    public const int PolicyCharsMax = 64 << 10;

    /// <summary>Deepest nesting of configuration groups; a channel needs 3.</summary>
    public const int ConfigDepthMax = 8;

    /// <summary>Most groups, values and policies in one configuration tree.</summary>
    public const int ConfigElementsMax = 20_000;

    /// <summary>Most signatures looked at in one signature set.</summary>
    public const int SignaturesMax = Limits.EndorsementsMax;

    // Relations. A line that does not hold does not compile (CS0031).
#pragma warning disable IDE0051, CA1823 // Never read: that it compiles is all it has to do.
    private const uint IdentityHoldsTheLargestPem =
        CertificatePemBytesMax + Limits.MspIdBytesMax + 16 <= Limits.IdentityBytesMax ? 0 : -1;

    private const uint PemHoldsTheLargestCertificate = CertificateBytesMax / 3 * 4 < CertificatePemBytesMax ? 0 : -1;
    private const uint ConfigHoldsTheLargestList = RevocationListBytesMax < Limits.ConfigBytesMax ? 0 : -1;
#pragma warning restore IDE0051, CA1823
}
