using Node.Membership;
using Node.Protocol;

namespace Node.Ca;

/// <summary>What bounds a certificate authority's server.</summary>
internal static class CaLimits
{
    /// <summary>Largest body of a request, in bytes.</summary>
    public const int BodyBytesMax = 64 << 10;

    /// <summary>Deepest nesting of JSON in a request; the deepest known field needs 3.</summary>
    public const int JsonDepthMax = 8;

    /// <summary>Longest path with its query, in characters.</summary>
    public const int TargetCharsMax = 4096;

    /// <summary>Longest enrolment id, in bytes of UTF-8.</summary>
    public const int IdBytesMax = 128;

    /// <summary>Longest name of a type (role), in characters.</summary>
    public const int TypeCharsMax = 64;

    /// <summary>Longest path of an affiliation, in characters.</summary>
    public const int AffiliationCharsMax = 255;

    /// <summary>Most elements of an affiliation's path: each becomes a unit of the certificate's subject.</summary>
    public const int AffiliationDepthMax = 16;

    /// <summary>Most attributes of one identity.</summary>
    public const int AttributesMax = 64;

    /// <summary>All names and values of one identity's attributes together, in bytes of UTF-8.</summary>
    public const int AttributeBytesMax = 2 << 10;

    /// <summary>Shortest secret of a registered identity, in characters. Fabric's samples use seven.</summary>
    public const int SecretCharsMin = 6;

    public const int SecretCharsMax = 256;

    /// <summary>Most requests answered at once; more are told to come again.</summary>
    public const int RequestsMax = 64;

    /// <summary>Most open connections.</summary>
    public const int ConnectionsMax = 512;

    /// <summary>Most names and addresses whose failed attempts are remembered; the oldest is forgotten first.</summary>
    public const int AttemptsRememberedMax = 10_000;

    /// <summary>Rounds of PBKDF2 with SHA-512 over a secret (OWASP, Password Storage, 2023).</summary>
    public const int SecretIterations = 210_000;

    /// <summary>How far back a new certificate begins: clocks differ a little.</summary>
    public static readonly TimeSpan BackDating = Limits.ProposalSkewMax;

    /// <summary>How long a certificate of the profiles default and tls holds.</summary>
    public static readonly TimeSpan EnrollmentLifetime = TimeSpan.FromHours(8760);

    /// <summary>How long a certificate of the profile ca holds.</summary>
    public static readonly TimeSpan AuthorityLifetime = TimeSpan.FromHours(43_800);

    /// <summary>When those who keep a revocation list should ask for a newer one.</summary>
    public static readonly TimeSpan RevocationListLifetime = TimeSpan.FromHours(24);

    // JSON may spell one byte with six, and the subject's units hold the affiliation once more.
#pragma warning disable IDE0051, CA1823 // Never read: that it compiles is all it has to do.
    private const uint CertificateHoldsAllAttributes =
        AttributeBytesMax * 6 + AffiliationCharsMax * 8 < MembershipLimits.CertificateBytesMax ? 0 : -1;
#pragma warning restore IDE0051, CA1823
}
