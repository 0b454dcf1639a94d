using Microsoft.Extensions.Logging;
using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Tracing;

namespace Node.Peer.Hosting;

/// <summary>
/// What one peer process is told at start. Read from the node's config file; nothing in it changes later.
/// </summary>
/// <remarks>Paths are used as they stand: whoever writes the file makes them absolute.</remarks>
public sealed class PeerOptions
{
    /// <summary>Address the gRPC services listen on; <c>0.0.0.0</c> means every interface.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>TCP port of the gRPC services, 1 to 65535; 0 takes any free port, for tests.</summary>
    public int ListenPort { get; init; } = 7051;

    /// <summary>host:port under which clients and other peers reach this peer.</summary>
    public string ExternalAddress { get; init; } = "localhost:7051";

    /// <summary>Must be given, unless <see cref="Insecure"/> says otherwise.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>
    /// True serves and dials plaintext, <see cref="Tls"/> or not, operations included. It is said at every start.
    /// </summary>
    public bool Insecure { get; init; }

    /// <summary>The organisation this peer belongs to.</summary>
    public required string MspId { get; init; }

    /// <summary>Folder in cryptogen's layout: signcerts, keystore, cacerts, config.yaml.</summary>
    public required string MspFolder { get; init; }

    /// <summary>Everything this peer keeps; one ledger folder per channel below <c>channels/</c>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// Genesis blocks of the channels to join. A channel already in the data folder keeps its ledger.
    /// </summary>
    public IReadOnlyList<string> GenesisBlockFiles { get; init; } = [];

    /// <summary>
    /// Snapshot folders to join channels from instead of from their genesis blocks, which <see
    /// cref="GenesisBlockFiles"/> names all the same. Looked at only while the peer has no ledger of the channel.
    /// </summary>
    public IReadOnlyList<string> SnapshotFolders { get; init; } = [];

    /// <summary>Replaces the orderer endpoints of the channel configuration when not empty.</summary>
    public IReadOnlyList<OrdererEndpointOverride> OrdererEndpoints { get; init; } = [];

    /// <summary>Address of the operations endpoint: /healthz, /version, /metrics and /logspec.</summary>
    public string OperationsAddress { get; init; } = "127.0.0.1";

    /// <summary>Port of the operations endpoint; null means none, 0 takes any free port.</summary>
    public int? OperationsPort { get; init; }

    /// <summary>Who may read figures and set log levels there; null: clients of the own organisation.</summary>
    public OperationsTlsFiles? OperationsTls { get; init; }

    /// <summary>Least level that is logged at first; <c>/logspec</c> changes it.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Where traces go; null: as the standard variables of OpenTelemetry say, nowhere without them.</summary>
    public TelemetryOptions? Telemetry { get; init; }

    internal TlsFiles? TlsInUse => Insecure ? null : Tls;

    /// <summary>All faults at once, in words; empty when the options can be used.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        if (ListenPort is < 0 or > 65535)
            faults.Add($"ListenPort is {ListenPort}; a TCP port lies between 0 and 65535");

        if (OperationsPort is < 0 or > 65535)
            faults.Add($"OperationsPort is {OperationsPort}; a TCP port lies between 0 and 65535");

        if (MspId.Length == 0)
            faults.Add("MspId is empty; name the organisation's MSP, such as Org1MSP");

        if (!Directory.Exists(MspFolder))
            faults.Add($"MspFolder {MspFolder} does not exist; run 'hyperprov crypto generate' or correct the path");

        foreach (string file in GenesisBlockFiles)
        {
            if (!File.Exists(file))
                faults.Add($"genesis block {file} does not exist");
        }

        Insecurity.AddFault(faults, Tls is not null, Insecure);
        TlsInUse?.AddFaults(faults);
        OperationsTls?.AddFaults(faults);
        Telemetry?.AddFaults(faults);
        foreach (OrdererEndpointOverride endpoint in OrdererEndpoints)
            endpoint.AddFaults(faults);

        return faults;
    }
}

/// <summary>PEM files of a TLS server that is also a TLS client towards other nodes.</summary>
public sealed class TlsFiles
{
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }

    /// <summary>
    /// Roots that other nodes' server certificates must chain to, besides those in the channel configuration.
    /// </summary>
    public IReadOnlyList<string> RootFiles { get; init; } = [];

    /// <summary>
    /// True demands a client certificate that chains to <see cref="RootFiles"/> or a channel's TLS roots; false takes
    /// any certificate or none, as Fabric clients present self-signed ones.
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

/// <summary>
/// One orderer to pull blocks from and broadcast to, in place of the channel configuration's endpoints.
/// </summary>
public sealed class OrdererEndpointOverride
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>PEM files of the TLS roots; empty takes those of the channel's orderer organisations.</summary>
    public IReadOnlyList<string> TlsRootFiles { get; init; } = [];

    internal void AddFaults(List<string> faults)
    {
        if (Port is < 1 or > 65535)
            faults.Add($"orderer port {Port} of {Host}: a TCP port lies between 1 and 65535");

        foreach (string file in TlsRootFiles)
        {
            if (!File.Exists(file))
                faults.Add($"TLS root {file} of orderer {Host} does not exist");
        }
    }
}
