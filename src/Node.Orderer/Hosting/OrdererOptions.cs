using Node.Hosting.Logging;
using Node.Hosting.Operating;
using Node.Hosting.Tracing;

namespace Node.Orderer.Hosting;

/// <summary>What one orderer process is told at start. Read from the node's config file; nothing in it changes
/// later.</summary>
/// <remarks>Paths are used as they stand: whoever writes the file makes them absolute.</remarks>
public sealed class OrdererOptions
{
    /// <summary>Address the gRPC services listen on; <c>0.0.0.0</c> means every interface.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>TCP port of the gRPC services, 1 to 65535; 0 takes any free port, for tests.</summary>
    public int ListenPort { get; init; } = 7050;

    /// <summary>Must be given, unless <see cref="Insecure"/> says otherwise.</summary>
    public OrdererTlsFiles? Tls { get; init; }

    /// <summary>
    /// True serves and dials plaintext, <see cref="Tls"/> or not, operations included. It is said at every start.
    /// </summary>
    public bool Insecure { get; init; }

    /// <summary>The organisation this orderer belongs to.</summary>
    public required string MspId { get; init; }

    /// <summary>Folder in cryptogen's layout with signcerts and keystore.</summary>
    public required string MspFolder { get; init; }

    /// <summary>Everything this orderer keeps; one store per channel below <c>channels/</c>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Genesis blocks of the channels to serve, one file each. A store that holds another one is
    /// refused.</summary>
    public IReadOnlyList<string> GenesisBlockFiles { get; init; } = [];

    /// <summary>The cluster that keeps the ordered log; null keeps it on this orderer's own disk.</summary>
    public EtcdOptions? Etcd { get; init; }

    /// <summary>Where administrators join and remove channels; null means nowhere.</summary>
    public AdminOptions? Admin { get; init; }

    /// <summary>Address of the operations endpoint: /healthz, /version, /metrics and /logspec.</summary>
    public string OperationsAddress { get; init; } = "127.0.0.1";

    /// <summary>Port of the operations endpoint; null means none, 0 takes any free port.</summary>
    public int? OperationsPort { get; init; }

    /// <summary>Who may read figures and set log levels there; null: clients of the own organisation.</summary>
    public OperationsTlsFiles? OperationsTls { get; init; }

    /// <summary>
    /// Least level that is logged at first: Trace, Debug, Information, Warning, Error, Critical. <c>/logspec</c>
    /// changes it.
    /// </summary>
    public string LogLevel { get; init; } = "Information";

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Where traces go; null: as the standard variables of OpenTelemetry say, nowhere without them.</summary>
    public TelemetryOptions? Telemetry { get; init; }

    internal OrdererTlsFiles? TlsInUse => Insecure ? null : Tls;

    /// <summary>All faults at once, in words; empty when the options can be used.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        AddPortFault(faults, nameof(ListenPort), ListenPort);
        AddPortFault(faults, nameof(OperationsPort), OperationsPort ?? 0);
        AddAddressFault(faults, nameof(ListenAddress), ListenAddress);
        AddAddressFault(faults, nameof(OperationsAddress), OperationsAddress);
        if (!Node.Protocol.MspId.TryParse(MspId, out _, out string? mspFault))
            faults.Add($"MspId '{MspId}': {mspFault}");
        if (!Directory.Exists(MspFolder))
            faults.Add($"MspFolder {MspFolder} does not exist: run 'hyperprov crypto generate' or correct the path");
        if (GenesisBlockFiles.Count == 0 && Admin is null)
            faults.Add(
                "GenesisBlockFiles is empty: name the genesis block of at least one channel, or open an Admin port to "
                + "join channels at");
        if (!Enum.TryParse<Microsoft.Extensions.Logging.LogLevel>(LogLevel, out _))
            faults.Add($"LogLevel {LogLevel} is none of Trace, Debug, Information, Warning, Error, Critical");

        foreach (string file in GenesisBlockFiles)
        {
            if (!File.Exists(file))
                faults.Add($"genesis block {file} does not exist");
        }

        Insecurity.AddFault(faults, Tls is not null, Insecure);
        TlsInUse?.AddFaults(faults);
        OperationsTls?.AddFaults(faults);
        Telemetry?.AddFaults(faults);
        Etcd?.AddFaults(faults);
        Admin?.AddFaults(faults);
        return faults;
    }

    private static void AddPortFault(List<string> faults, string name, int port)
    {
        if (port is < 0 or > 65535)
            faults.Add($"{name} is {port}: a TCP port lies between 0 and 65535");
    }

    private static void AddAddressFault(List<string> faults, string name, string address)
    {
        if (!System.Net.IPAddress.TryParse(address, out _))
            faults.Add($"{name} is '{address}': give an IP address, such as 127.0.0.1 or 0.0.0.0");
    }
}
