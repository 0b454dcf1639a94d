namespace Node.Hosting.Operating;

/// <summary>What a stranger can ask of an operations port.</summary>
public static class OperationsLimits
{
    /// <summary>Connections at once; a further one is closed at once.</summary>
    public const int ConnectionsMax = 64;

    /// <summary>Bytes of a request's body: a log specification.</summary>
    public const int BodyBytesMax = 16 << 10;

    /// <summary>Loggers that one specification names.</summary>
    public const int LoggersMax = 256;

    /// <summary>A connection answers one request; one that takes longer is closed.</summary>
    public static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(60);
}
