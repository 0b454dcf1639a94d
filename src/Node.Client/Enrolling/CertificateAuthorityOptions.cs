namespace Node.Client.Enrolling;

/// <summary>Where a certificate authority is, and whom to trust on the way.</summary>
public sealed class CertificateAuthorityOptions
{
    /// <summary>As https://localhost:7054.</summary>
    public required Uri Address { get; init; }

    /// <summary>PEM of the roots that vouch for the server's TLS certificate; null for the machine's own.</summary>
    public string? TlsRootsPem { get; init; }

    /// <summary>The authority asked for where the server has several; empty for the default one.</summary>
    public string CaName { get; init; } = "";

    /// <summary>Longest wait for an answer. Secrets are hashed slowly on purpose.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>An attribute: its name, its value, and whether enrolment certificates have it without asking.</summary>
public sealed record IdentityAttribute(string Name, string Value, bool Ecert);

/// <summary>What an enrolment or renewal asks for beside a certificate.</summary>
public sealed class EnrollOptions
{
    /// <summary>default, tls or ca.</summary>
    public string Profile { get; init; } = "";

    /// <summary>DNS names and IP addresses that the certificate shall name.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Names of attributes, those with a question mark behind them being optional; null for those that are marked for
    /// enrolment certificates.
    /// </summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>Of the new key. Ed25519 certificates cannot speak to the authority: there is no token form.</summary>
    public Membership.KeyType KeyType { get; init; } = Membership.KeyType.P256;

    /// <summary>The authority of the server to ask; null for the one of the connection.</summary>
    public string? CaName { get; init; }

    /// <summary>When the certificate is to end; null, and what lies beyond the authority's own limit: there.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>For renewal: keep the key, and get only a new certificate.</summary>
    public bool KeepsKey { get; init; }
}

/// <summary>An identity to register.</summary>
public sealed class Registration
{
    public required string Id { get; init; }

    /// <summary>The role: client, peer, admin, orderer.</summary>
    public string Type { get; init; } = "client";

    /// <summary>Null for the registrar's own; "." for the root.</summary>
    public string? Affiliation { get; init; }

    /// <summary>Empty to have one made.</summary>
    public string Secret { get; init; } = "";

    /// <summary>How often the secret may be used; -1 for any number, 0 for what the authority allows.</summary>
    public int MaxEnrollments { get; init; } = 1;

    public IReadOnlyList<IdentityAttribute> Attributes { get; init; } = [];
}

/// <summary>What to revoke: an id with all its certificates, or one certificate by its number.</summary>
public sealed class RevocationOrder
{
    public string Id { get; init; } = "";

    /// <summary>Serial number, hex; needs <see cref="AuthorityKeyId"/>.</summary>
    public string SerialNumber { get; init; } = "";

    public string AuthorityKeyId { get; init; } = "";

    /// <summary>As keycompromise, superseded, cessationofoperation; empty for none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Have the new revocation list sent along.</summary>
    public bool WantsList { get; init; }
}

/// <summary>What a revocation did.</summary>
/// <param name="ListPem">Empty where none was asked for.</param>
public sealed record RevocationResult(
    IReadOnlyList<Membership.Issuing.CertificateNumber> Certificates, string ListPem);

/// <summary>A registered identity as the authority tells of it.</summary>
public sealed record RegisteredIdentity(
    string Id, string Type, string Affiliation, int MaxEnrollments, IReadOnlyList<IdentityAttribute> Attributes);

/// <summary>An affiliation with what lies below it.</summary>
public sealed record Affiliation(
    string Name, IReadOnlyList<Affiliation> Below, IReadOnlyList<RegisteredIdentity> Identities);

/// <summary>What an authority says of itself.</summary>
/// <param name="ChainPem">Its certificate, and behind it those of its issuers.</param>
public sealed record CertificateAuthorityInformation(string Name, string ChainPem, string Version);

/// <summary>Which certificates to list; empty and null leave nothing out.</summary>
public sealed class CertificateFilter
{
    public string Id { get; init; } = "";

    public string SerialNumber { get; init; } = "";

    public string AuthorityKeyId { get; init; } = "";

    public bool NotRevoked { get; init; }

    public bool NotExpired { get; init; }

    public DateTimeOffset? RevokedFrom { get; init; }

    public DateTimeOffset? RevokedUntil { get; init; }
}
