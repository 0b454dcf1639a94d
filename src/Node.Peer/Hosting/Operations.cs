using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Node.Hosting.Operating;

namespace Node.Peer.Hosting;

/// <summary>/healthz, /version and /metrics, as Fabric's operations service answers them. Plain HTTP/1.1.</summary>
/// <remarks>The listeners tell the two worlds apart: gRPC is HTTP/2 only, operations HTTP/1.1 only.</remarks>
internal sealed partial class Operations(PeerNode node) : IDisposable
{
    private readonly MetricsText _metrics = new(PeerMetrics.MeterName, "System.Runtime");

    public void Dispose() => _metrics.Dispose();

    public void Map(IApplicationBuilder application) => application.MapWhen(
        static context => !HttpProtocol.IsHttp2(context.Request.Protocol),
        branch => branch.Run(AnswerAsync));

    private Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/healthz":
                return AnswerHealthAsync(context);
            case "/version":
                var version = new VersionAnswer(VersionOf(typeof(Operations).Assembly), CommitSha: "");
                return AnswerJsonAsync(context, version, Json.Default.VersionAnswer);
            case "/metrics":
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return context.Response.WriteAsync(_metrics.Print(), context.RequestAborted);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private Task AnswerHealthAsync(HttpContext context)
    {
        List<FailedCheck>? failed = null;
        foreach (PeerChannel channel in node.Channels)
        {
            if (channel.Fault is { } reason)
                (failed ??= []).Add(new FailedCheck($"channel {channel.Id}", reason));
        }

        foreach ((string component, string reason) in node.Certificates?.FindFaults() ?? [])
            (failed ??= []).Add(new FailedCheck(component, reason));

        if (failed is not null)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;

        string status = failed is null ? "OK" : "Service Unavailable";
        return AnswerJsonAsync(
            context, new HealthAnswer(status, node.Clock.GetUtcNow(), failed), Json.Default.HealthAnswer);
    }

    private static Task AnswerJsonAsync<T>(
        HttpContext context, T answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer, type), context.RequestAborted);
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    internal sealed record VersionAnswer(string Version, string CommitSha);

    internal sealed record HealthAnswer(string Status, DateTimeOffset Time, IReadOnlyList<FailedCheck>? FailedChecks);

    internal sealed record FailedCheck(string Component, string Reason);

    [JsonSourceGenerationOptions(
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(VersionAnswer))]
    [JsonSerializable(typeof(HealthAnswer))]
    private sealed partial class Json : JsonSerializerContext;
}
