using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Node.Hosting.Logging;

namespace Node.Hosting.Operating;

/// <summary>What the operations port answers, path by path.</summary>
internal sealed partial class OperationsAnswers(OperationsSetting setting, MetricsText metrics)
{
    // Faults quote what they name.
    private static readonly Json s_json = new(new JsonSerializerOptions(Json.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        string method = context.Request.Method;
        switch (context.Request.Path.Value)
        {
            case "/healthz":
                return HttpMethods.IsGet(method) ? AnswerHealthAsync(context) : RefuseMethod(context, "GET");
            case "/version":
                return HttpMethods.IsGet(method) ? AnswerVersionAsync(context) : RefuseMethod(context, "GET");
            case "/metrics":
                return !IsTrusted(context) ? RefuseStranger(context)
                    : HttpMethods.IsGet(method) ? AnswerMetricsAsync(context) : RefuseMethod(context, "GET");
            case "/logspec":
                return !IsTrusted(context) ? RefuseStranger(context)
                    : HttpMethods.IsGet(method) ? AnswerLogSpecAsync(context)
                    : HttpMethods.IsPut(method) ? SwitchLogSpecAsync(context) : RefuseMethod(context, "GET, PUT");
            default:
                return RefuseAsync(
                    context, StatusCodes.Status404NotFound,
                    "there is nothing here: ask for /healthz, /version, /metrics or /logspec");
        }
    }

    private bool IsTrusted(HttpContext context) =>
        setting.Tls is not { } tls || tls.Trusts(context.Connection.ClientCertificate, setting.Clock);

    private Task AnswerHealthAsync(HttpContext context)
    {
        FailedCheck[] failed = [.. setting.Checks()];
        if (failed.Length > 0)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;

        var answer = new HealthAnswer(
            failed.Length == 0 ? "OK" : "Service Unavailable", setting.Clock.GetUtcNow(),
            failed.Length == 0 ? null : failed);
        return AnswerJsonAsync(context, answer, s_json.HealthAnswer);
    }

    private static Task AnswerVersionAsync(HttpContext context)
    {
        BuildVersion build = BuildVersion.OfProgram;
        return AnswerJsonAsync(
            context, new VersionAnswer(build.CommitSha, build.Version), s_json.VersionAnswer);
    }

    private Task AnswerMetricsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics.Print(), context.RequestAborted);
    }

    private Task AnswerLogSpecAsync(HttpContext context) =>
        AnswerJsonAsync(context, new LogSpecBody(setting.Levels.Spec.ToString()), s_json.LogSpecBody);

    private async Task SwitchLogSpecAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize =
            OperationsLimits.BodyBytesMax;
        LogSpecBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync(
                context.Request.Body, s_json.LogSpecBody, context.RequestAborted);
        }
        catch (JsonException)
        {
            body = null;
        }
        catch (BadHttpRequestException refusal)
        {
            await RefuseAsync(
                context, refusal.StatusCode,
                $"the body cannot be read or is over {OperationsLimits.BodyBytesMax} bytes");
            return;
        }

        if (body?.Spec is not { } text)
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest,
                """the body must be JSON such as {"spec":"info:grpc=error"}""");
        else if (!LogSpec.TryParse(text, out LogSpec? spec, out string? fault))
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault);
        else
        {
            setting.Levels.Switch(spec);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static Task RefuseStranger(HttpContext context) => RefuseAsync(
        context, StatusCodes.Status401Unauthorized,
        "this needs a client certificate of the organisation's TLS authority");

    private static Task RefuseMethod(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return RefuseAsync(
            context, StatusCodes.Status405MethodNotAllowed, $"invalid request method: {context.Request.Method}");
    }

    private static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return AnswerJsonAsync(context, new ErrorAnswer(error), s_json.ErrorAnswer);
    }

    private static Task AnswerJsonAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer, type), context.RequestAborted);
    }

    internal sealed record VersionAnswer(
        [property: JsonPropertyName("CommitSHA")] string CommitSha,
        [property: JsonPropertyName("Version")] string Version);

    internal sealed record HealthAnswer(
        string Status, DateTimeOffset Time, IReadOnlyList<FailedCheck>? FailedChecks);

    internal sealed record LogSpecBody(string? Spec);

    internal sealed record ErrorAnswer(string Error);

    [JsonSourceGenerationOptions(
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(VersionAnswer))]
    [JsonSerializable(typeof(HealthAnswer))]
    [JsonSerializable(typeof(LogSpecBody))]
    [JsonSerializable(typeof(ErrorAnswer))]
    private sealed partial class Json : JsonSerializerContext;
}
