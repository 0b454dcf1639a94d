namespace Node.Rest;

/// <summary>What bounds a caller of the REST API. Beyond it the answer is a problem that names the limit.</summary>
/// <remarks>Max values are themselves allowed.</remarks>
public static class RestLimits
{
    /// <summary>Largest JSON body of one record, a query or a lineage event, in bytes.</summary>
    public const int JsonBytesMax = 1 << 20;

    /// <summary>Largest JSON body of a batch, in bytes. The channel's limit for a transaction may be less.</summary>
    public const int BatchBytesMax = 4 << 20;

    /// <summary>Most records in one batch: they are one transaction.</summary>
    public const int BatchRecordsMax = 500;

    /// <summary>Deepest nesting of a JSON body.</summary>
    public const int JsonDepthMax = 32;

    /// <summary>Largest upload in bytes, unless the server was started with another limit.</summary>
    public const long UploadBytesMax = 64L << 30;

    /// <summary>Content up to this size is verified before its first byte is sent, larger before its last.</summary>
    public const int ContentAheadBytes = 1 << 20;

    /// <summary>All headers of one request, in bytes.</summary>
    public const int HeaderBytesMax = 64 << 10;

    /// <summary>Headers of one request.</summary>
    public const int HeadersMax = 100;

    /// <summary>Method, target and version of a request, in bytes: the target carries keys, percent-encoded.</summary>
    public const int RequestLineBytesMax = 32 << 10;

    /// <summary>Fields before the file of a multipart upload, in bytes each.</summary>
    public const int FieldBytesMax = 256 << 10;

    /// <summary>Fields and files of one multipart upload.</summary>
    public const int FieldsMax = 64;

    /// <summary>Records on one page.</summary>
    public const int PageRecordsMax = 1000;

    /// <summary>Records on one page when the caller does not say.</summary>
    public const int PageRecordsDefault = 100;

    /// <summary>Most records of a lineage in a form that needs each of them in full (PROV, OpenLineage).</summary>
    public const int ExportRecordsMax = 5000;

    /// <summary>Most roots of one impact.</summary>
    public const int ImpactRootsMax = 1000;

    /// <summary>Characters of an Idempotency-Key.</summary>
    public const int IdempotencyKeyCharsMax = 255;

    /// <summary>Answers kept for repeated requests, of all callers together; the oldest leave first.</summary>
    public const int IdempotentAnswersMax = 50_000;

    /// <summary>How long an answer is kept for a repeated request.</summary>
    public static readonly TimeSpan IdempotencyPeriod = TimeSpan.FromHours(24);

    /// <summary>Requests per second and identity, on average, unless the server was told another limit.</summary>
    public const int RequestsPerSecond = 2000;

    /// <summary>Requests in progress per identity.</summary>
    public const int ConcurrentRequestsMax = 128;

    /// <summary>Requests in progress on the whole server.</summary>
    public const int ServerRequestsMax = 1024;

    /// <summary>Event streams per identity.</summary>
    public const int EventStreamsMax = 16;

    /// <summary>Wrong credentials per minute and address.</summary>
    public const int WrongCredentialsPerMinute = 60;

    /// <summary>Connections at once.</summary>
    public const int ConnectionsMax = 4096;

    /// <summary>Identities with a connection to their peer at once.</summary>
    public const int SessionsMax = 1024;

    /// <summary>API keys in one key file.</summary>
    public const int ApiKeysMax = 10_000;

    /// <summary>Transactions whose commit nobody waited for and that are remembered as pending.</summary>
    public const int PendingTransactionsMax = 10_000;

    /// <summary>How long a caller may take for its headers.</summary>
    public static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Slowest body that is waited for, in bytes per second, after <see cref="SlowBodyGrace"/>.</summary>
    public const double BodyBytesPerSecondMin = 240;

    /// <summary>How long a body may be slower than that.</summary>
    public static readonly TimeSpan SlowBodyGrace = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the requests in progress when the server stops.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);
}
