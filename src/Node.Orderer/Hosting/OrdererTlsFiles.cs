namespace Node.Orderer.Hosting;

/// <summary>PEM files of the orderer's TLS server.</summary>
public sealed class OrdererTlsFiles
{
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }

    /// <summary>Roots that client certificates may chain to, besides those in the channel configurations.</summary>
    public IReadOnlyList<string> RootFiles { get; init; } = [];

    /// <summary>
    /// True demands a client certificate that chains to <see cref="RootFiles"/> or a channel's TLS roots, and binds
    /// each
    /// Deliver request to it; false takes any certificate or none, as Fabric clients present self-signed ones.
    /// </summary>
    public bool ClientCertificateRequired { get; init; }

    internal void AddFaults(List<string> faults)
    {
        foreach (string file in (string[])[CertificateFile, KeyFile, .. RootFiles])
        {
            if (!File.Exists(file))
                faults.Add($"TLS file {file} does not exist");
        }
    }
}
