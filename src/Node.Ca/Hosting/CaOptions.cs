using Node.Hosting.Logging;
using Node.Hosting.Operating;

namespace Node.Ca.Hosting;

/// <summary>The server's TLS certificate and key, PEM.</summary>
public sealed record CaTlsFiles
{
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }
}

/// <summary>One authority: its name for clients, its certificate, its key.</summary>
public sealed record CaAuthorityFiles
{
    /// <summary>What clients put into <c>caname</c>.</summary>
    public required string Name { get; init; }

    /// <summary>PEM; an intermediate authority's issuers follow behind its own certificate.</summary>
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }
}

/// <summary>What one certificate authority's process is told at start. Nothing in it changes later.</summary>
/// <remarks>Paths are used as they stand: whoever writes the file makes them absolute.</remarks>
public sealed class CaOptions
{
    /// <summary>Address the REST API listens on; <c>0.0.0.0</c> means every interface.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>TCP port, 1 to 65535; 0 takes any free port, for tests.</summary>
    public int ListenPort { get; init; } = 7054;

    /// <summary>Must be given, unless <see cref="Insecure"/> says otherwise.</summary>
    public CaTlsFiles? Tls { get; init; }

    /// <summary>
    /// True serves plain HTTP, <see cref="Tls"/> or not, operations included: secrets then travel readable. It is said
    /// at every start.
    /// </summary>
    public bool Insecure { get; init; }

    /// <summary>Address of the operations endpoint: /healthz, /version, /metrics and /logspec.</summary>
    public string OperationsAddress { get; init; } = "127.0.0.1";

    /// <summary>Port of the operations endpoint; null means none, 0 takes any free port.</summary>
    public int? OperationsPort { get; init; }

    /// <summary>Who may read figures and set log levels there; null: clients of the TLS authority.</summary>
    public OperationsTlsFiles? OperationsTls { get; init; }

    /// <summary>Issues enrolment certificates, and is the default where a client names none.</summary>
    public required CaAuthorityFiles Authority { get; init; }

    /// <summary>Issues TLS certificates to clients that name it; null for none.</summary>
    public CaAuthorityFiles? TlsAuthority { get; init; }

    /// <summary>Holds the store of identities, certificates and revocations.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// Holds id:secret of the first registrar of a new store, where the environment names none; read once.
    /// </summary>
    public string? RegistrarFile { get; init; }

    /// <summary>Affiliations that a new store begins with, as "org1.department1"; parents are added.</summary>
    public IReadOnlyList<string> Affiliations { get; init; } = [];

    /// <summary>
    /// Folders of members in cryptogen's layout (users, peers, orderers) whose certificates become known at every
    /// start.
    /// </summary>
    public IReadOnlyList<string> MemberFolders { get; init; } = [];

    /// <summary>
    /// How often a secret may be used: -1 for any number, 0 disables enrolment; what a registration leaves open gets
    /// this, and may not ask for more.
    /// </summary>
    public int MaxEnrollments { get; init; } = -1;

    /// <summary>Lets registrars remove identities and affiliations.</summary>
    public bool AllowsRemoval { get; init; }

    /// <summary>Lets holders of expired certificates renew them.</summary>
    public bool RenewsExpired { get; init; }

    /// <summary>
    /// Takes tokens in the form of Fabric CA 1.3 too, which are not bound to method and path: one that is overheard
    /// can be used at another endpoint.
    /// </summary>
    public bool TakesOldTokens { get; init; }

    /// <summary>At first: Trace, Debug, Information, Warning, Error, Critical or None.</summary>
    public string LogLevel { get; init; } = "Information";

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    internal CaTlsFiles? TlsInUse => Insecure ? null : Tls;

    /// <summary>Everything that is wrong, so that one start shows all of it. Empty when the options can be
    /// used.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        if (!System.Net.IPAddress.TryParse(ListenAddress, out _))
            faults.Add($"listenAddress is '{ListenAddress}', expected an IP address such as 127.0.0.1 or 0.0.0.0");
        if (ListenPort is < 0 or > ushort.MaxValue)
            faults.Add($"listenPort is {ListenPort}, expected 0 to {ushort.MaxValue}");
        if (OperationsPort is < 0 or > ushort.MaxValue)
            faults.Add($"operationsPort is {OperationsPort}, expected 0 to {ushort.MaxValue}");
        if (!System.Net.IPAddress.TryParse(OperationsAddress, out _))
            faults.Add($"operationsAddress is '{OperationsAddress}', expected an IP address such as 127.0.0.1");
        if (!Enum.TryParse(LogLevel, out Microsoft.Extensions.Logging.LogLevel _))
            faults.Add(
                $"logLevel is '{LogLevel}', expected Trace, Debug, Information, Warning, Error, Critical or None");
        if (MaxEnrollments < -1)
            faults.Add($"maxEnrollments is {MaxEnrollments}, expected -1 (any number), 0 (none) or more");
        if (Authority.Name.Length == 0 || Authority.Name == TlsAuthority?.Name)
            faults.Add("authority and tlsAuthority need names that differ");

        foreach (string affiliation in Affiliations)
        {
            if (Registering.AffiliationPath.FaultOf(affiliation) is { } fault)
                faults.Add($"affiliations holds '{affiliation}': {fault}");
        }

        foreach (string file in Files())
        {
            if (!File.Exists(file))
                faults.Add($"the file {file} does not exist");
        }

        Insecurity.AddFault(faults, Tls is not null, Insecure);
        OperationsTls?.AddFaults(faults);
        return faults;
    }

    private IEnumerable<string> Files()
    {
        yield return Authority.CertificateFile;
        yield return Authority.KeyFile;
        if (TlsAuthority is { } authority)
        {
            yield return authority.CertificateFile;
            yield return authority.KeyFile;
        }

        if (TlsInUse is { } tls)
        {
            yield return tls.CertificateFile;
            yield return tls.KeyFile;
        }
    }
}
