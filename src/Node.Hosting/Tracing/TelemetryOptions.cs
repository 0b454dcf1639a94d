namespace Node.Hosting.Tracing;

/// <summary>Where traces go; read from a node's configuration.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// The collector's OTLP endpoint over HTTP, without /v1/traces: http://collector:4318. Null: as
    /// OTEL_EXPORTER_OTLP_ENDPOINT says, and no traces without that.
    /// </summary>
    public string? OtlpEndpoint { get; init; }

    /// <summary>
    /// Which part of all transactions is traced, 0 to 1. All nodes choose the same ones, by the transaction's id.
    /// </summary>
    public double SampleRatio { get; init; } = 1;

    public void AddFaults(List<string> faults)
    {
        if (OtlpEndpoint is not null && (!Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)))
            faults.Add($"Telemetry.OtlpEndpoint is '{OtlpEndpoint}': give a URL such as http://collector:4318");
        if (SampleRatio is not (>= 0 and <= 1))
            faults.Add($"Telemetry.SampleRatio is {SampleRatio}: it lies between 0 and 1");
    }
}
