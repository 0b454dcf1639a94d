namespace Node.Ca;

/// <summary>
/// A request that is refused: what the caller is told, and what the log says beside it. Codes are Fabric CA's.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">What the caller reads in the answer's list of errors.</param>
/// <param name="Message">Told to the caller.</param>
internal sealed record CaRefusal(int Status, int Code, string Message)
{
    public const int MethodNotAllowed = 1;
    public const int NoAuthorization = 2;
    public const int BodyUnreadable = 3;
    public const int BodyEmpty = 4;
    public const int BodyMalformed = 5;
    public const int NotRevoker = 7;
    public const int CertificateNotFound = 8;
    public const int CertificateOfAnother = 9;
    public const int IdentityNotFound = 10;
    public const int NothingToRevoke = 15;
    public const int AffiliationUnknown = 16;
    public const int NotAffiliated = 17;
    public const int AuthorityUnknown = 19;
    public const int NotAuthenticated = 20;
    public const int NoUserOrSecret = 21;
    public const int EnrollmentDisabled = 22;
    public const int UserInvalid = 23;
    public const int SecretInvalid = 24;
    public const int TokenInvalid = 25;
    public const int CertificateUntrusted = 26;
    public const int CertificateExpired = 27;
    public const int CertificateRevoked = 28;
    public const int RequestMalformed = 31;
    public const int NoListRight = 35;
    public const int TimeInvalid = 36;
    public const int AttributeNotAllowed = 42;
    public const int QueryInvalid = 57;
    public const int IdentityInvalid = 52;
    public const int RemovalDisabled = 56;
    public const int RoleMissing = 59;
    public const int AffiliationNotAdded = 60;
    public const int AffiliationNotRemoved = 61;
    public const int AffiliationNotChanged = 64;
    public const int AlreadyRevoked = 66;
    public const int IdentityRevoked = 70;
    public const int NotAuthorized = 71;
    public const int AlreadyRegistered = 74;
    public const int NameMismatch = 77;
    public const int Other = 0;

    /// <summary>What the log says more than the caller is told; null when that is all.</summary>
    public string? Reason { get; private init; }

    /// <summary>The code that fits the reason; the log's.</summary>
    public int ReasonCode { get; private init; } = Code;

    /// <summary>Tells the caller when to come again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Who they are is not believed. The caller never learns why.</summary>
    public static CaRefusal Unauthenticated(int code, string reason) =>
        new(401, NotAuthenticated, "Authentication failure") { ReasonCode = code, Reason = reason };

    /// <summary>Who they are is believed, and does not suffice. The caller never learns what would.</summary>
    public static CaRefusal Unauthorized(int code, string reason) =>
        new(403, NotAuthorized, "Authorization failure") { ReasonCode = code, Reason = reason };

    public static CaRefusal Malformed(string message) => new(400, BodyMalformed, message);
}
