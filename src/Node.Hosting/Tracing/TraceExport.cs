using Node.Protocol.Tracing;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Node.Hosting.Tracing;

/// <summary>Sends the spans of this process to a collector, by OTLP, in the background.</summary>
public static class TraceExport
{
    /// <summary>Standard variables of OpenTelemetry: the endpoint, and one for traces alone.</summary>
    private static readonly string[] s_variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <param name="service">The role: hyperprov-peer, hyperprov-orderer, hyperprov-client.</param>
    /// <param name="instance">Which one of them: the node's name or address.</param>
    /// <returns>To be disposed of at the end, which sends what is left; null where nobody asked for traces.</returns>
    public static IDisposable? Start(TelemetryOptions? options, string service, string instance)
    {
        bool isAsked = options?.OtlpEndpoint is not null
            || Array.Exists(s_variables, name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));

        // Apart, so that nothing of OpenTelemetry is loaded where it is not used.
        return isAsked ? Build(options ?? new TelemetryOptions(), service, instance) : null;
    }

    private static TracerProvider? Build(TelemetryOptions options, string service, string instance) =>
        Sdk.CreateTracerProviderBuilder()
            .AddSource(TransactionTrace.SourceName)
            .ConfigureResource(resource => resource.AddService(
                service, serviceNamespace: null, BuildVersionText(), autoGenerateServiceInstanceId: false, instance))
            .SetSampler(new TraceIdRatioBasedSampler(options.SampleRatio))
            .AddOtlpExporter(exporter =>
            {
                // Over HTTP unless the standard variable says otherwise: it passes proxies.
                if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is not { Length: > 0 })
                    exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                if (options.OtlpEndpoint is { } endpoint)
                    exporter.Endpoint = new Uri(endpoint.TrimEnd('/') + "/v1/traces");
            })
            .Build();

    private static string BuildVersionText() => Operating.BuildVersion.OfProgram.Version;
}
