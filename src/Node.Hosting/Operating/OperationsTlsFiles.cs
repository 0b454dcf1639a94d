using Node.Hosting.Tls;

namespace Node.Hosting.Operating;

/// <summary>
/// Who may read figures and set log levels at a node's operations port. The node's certificate serves it.
/// </summary>
public sealed class OperationsTlsFiles
{
    /// <summary>
    /// PEM files that client certificates must chain to; empty: the TLS authority of the organisation.
    /// </summary>
    public IReadOnlyList<string> ClientRootFiles { get; init; } = [];

    /// <summary>True closes the port to whoever has no such certificate, /healthz and /version included.</summary>
    public bool ClientCertificateRequired { get; init; }

    public void AddFaults(List<string> faults)
    {
        foreach (string file in ClientRootFiles)
        {
            if (!File.Exists(file))
                faults.Add($"OperationsTls.ClientRootFiles names {file}, which does not exist");
        }
    }

    /// <summary>The TLS authorities of an organisation, as its MSP folder holds them.</summary>
    public static IReadOnlyList<string> AuthoritiesOf(string mspFolder)
    {
        string folder = Path.Combine(mspFolder, "tlscacerts");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.pem").Order(StringComparer.Ordinal)]
            : [];
    }

    /// <param name="files">Null: what holds when nothing is said.</param>
    /// <param name="identity">The node's own; null where it serves without TLS, its operations port included.</param>
    /// <param name="authorities">PEM files of the organisation's TLS authorities.</param>
    /// <exception cref="ArgumentException">A file cannot be read.</exception>
    public static OperationsTls? Open(
        OperationsTlsFiles? files, ServerIdentity? identity, IReadOnlyList<string> authorities)
    {
        if (identity is null)
            return null;

        ReadOnlyMemory<byte>[] roots = files is { ClientRootFiles.Count: > 0 }
            ? RootFiles.ReadCertificates(files.ClientRootFiles, "OperationsTls.ClientRootFiles")
            : RootFiles.ReadCertificates(authorities, "TLS authorities of the organisation");
        return new OperationsTls
        {
            Identity = identity,
            ClientRoots = () => roots,
            ClientCertificateRequired = files?.ClientCertificateRequired ?? false,
        };
    }
}
