using System.Net;

namespace Node.Membership.Certificates;

/// <summary>The parts of a subject, each left out when empty.</summary>
internal sealed record SubjectParts(string CommonName)
{
    public string Country { get; init; } = "";

    public string Province { get; init; } = "";

    public string Locality { get; init; } = "";

    public string Street { get; init; } = "";

    public string PostalCode { get; init; } = "";

    public string Organization { get; init; } = "";

    public IReadOnlyList<string> OrganizationalUnits { get; init; } = [];
}

/// <summary>What a new certificate shall say.</summary>
internal sealed record CertificateContent(SubjectParts Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    public bool IsAuthority { get; init; }

    /// <summary>For authorities: most intermediates below; null for any number.</summary>
    public int? PathLength { get; init; }

    /// <summary>Purposes as dotted OIDs; none leaves the extension out.</summary>
    public IReadOnlyList<string> ExtendedKeyUsages { get; init; } = [];

    public IReadOnlyList<string> DnsNames { get; init; } = [];

    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    public IReadOnlyList<string> EmailAddresses { get; init; } = [];

    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>First byte of KeyUsage (RFC 5280, 4.2.1.3); 0 for what the other members imply.</summary>
    public byte KeyUsageBits { get; init; }

    /// <summary>Authorities always carry their key's id; others only if asked.</summary>
    public bool HasSubjectKeyId { get; init; }

    /// <summary>Unsigned, big-endian; empty draws one.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; init; }

    /// <summary>Fabric's attributes as JSON text; empty leaves the extension out.</summary>
    public ReadOnlyMemory<byte> AttributesJson { get; init; }
}
