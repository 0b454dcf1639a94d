namespace Node.Hosting.Renewing;

/// <summary>A certificate with its key that lies in files, and is taken from there anew when they change.</summary>
/// <remarks>One loop refreshes; any thread reads.</remarks>
public interface IRenewedCertificate
{
    /// <summary>Of the certificate in use.</summary>
    CertificateFacts Facts { get; }

    /// <summary>Where it lies, for messages.</summary>
    string Place { get; }

    /// <summary>Why what lies in the files now is not used; null while they hold what is in use.</summary>
    string? Fault { get; }

    /// <summary>Looks at the files.</summary>
    /// <returns>True when another certificate is in use from now on.</returns>
    bool Refresh(DateTimeOffset now);
}
