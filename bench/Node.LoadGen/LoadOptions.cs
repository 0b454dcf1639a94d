namespace Node.LoadGen;

/// <summary>How load arrives: each worker waits for its last transaction, or starts come at a fixed rate.</summary>
internal enum LoadMode
{
    Closed,
    Open,
}

/// <summary>One run against one Fabric Gateway endpoint.</summary>
internal sealed record LoadOptions
{
    public required string Endpoint { get; init; }
    public required string TlsRootFile { get; init; }
    public string? ServerName { get; init; }
    public required string CertificateFile { get; init; }
    public required string KeyFile { get; init; }
    public required string MspId { get; init; }
    public required string Channel { get; init; }
    public required string Contract { get; init; }
    public required string Function { get; init; }
    public required IReadOnlyList<string> Arguments { get; init; }
    public bool Evaluate { get; init; }
    public LoadMode Mode { get; init; }

    /// <summary>Closed loop: workers. Open loop: most transactions in flight; beyond it a start is shed.</summary>
    public int Clients { get; init; }

    /// <summary>Open loop only, in transactions per second.</summary>
    public double Rate { get; init; }

    public TimeSpan Duration { get; init; }
    public TimeSpan WarmUp { get; init; }

    /// <summary>Stops after so many transactions even when time is left; 0 means no such limit.</summary>
    public long Count { get; init; }

    public int Connections { get; init; }
    public TimeSpan Deadline { get; init; }
    public required IReadOnlyList<NamedProcess> Processes { get; init; }
    public int VerificationsPerTransaction { get; init; }
    public int SignaturesPerTransaction { get; init; }
    public string? JsonFile { get; init; }
    public string? SamplesFile { get; init; }

    /// <summary>What stands beside the figures: everything but the paths of this machine.</summary>
    public object ToReport() => new
    {
        Endpoint,
        ServerName,
        MspId,
        Channel,
        Contract,
        Function,
        Arguments,
        Evaluate,
        Mode,
        Clients,
        Rate,
        Duration,
        WarmUp,
        Count,
        Connections,
        Deadline,
        Processes,
        VerificationsPerTransaction,
        SignaturesPerTransaction,
    };
}

/// <summary>A process whose CPU and memory are reported: <c>name=pid</c> on the command line.</summary>
internal sealed record NamedProcess(string Name, int Pid);
