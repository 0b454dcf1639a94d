namespace Node.Hosting.Renewing;

/// <summary>What a certificate is used for on a node.</summary>
public enum CertificateUse
{
    /// <summary>Presented in TLS, as server and as client.</summary>
    Tls,

    /// <summary>Endorsements, blocks, attestations and requests are signed with it.</summary>
    Signing,

    /// <summary>Vouches for an organisation's signing certificates, by the configuration of a channel.</summary>
    Root,

    /// <summary>Vouches for an organisation's TLS certificates, by the configuration of a channel.</summary>
    TlsRoot,
}

/// <summary>What is told about one certificate: whose it is, and until when it holds.</summary>
/// <param name="IsOwn">False for those of other organisations: this node cannot renew them.</param>
/// <param name="SerialNumber">Lower-case hex without leading zeros.</param>
public sealed record CertificateFacts(
    CertificateUse Use,
    bool IsOwn,
    string Subject,
    string SerialNumber,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter)
{
    public string UseText => Use switch
    {
        CertificateUse.Tls => "TLS certificate",
        CertificateUse.Signing => "signing certificate",
        CertificateUse.Root => "CA certificate",
        _ => "TLS CA certificate",
    };
}
