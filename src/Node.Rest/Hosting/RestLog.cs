using Microsoft.Extensions.Logging;

namespace Node.Rest.Hosting;

/// <summary>What the REST server says. Event ids 6xx.</summary>
internal static partial class RestLog
{
    [LoggerMessage(600, LogLevel.Information, "REST API serves {Folder} on {Address}")]
    public static partial void Started(ILogger log, string folder, string address);

    [LoggerMessage(601, LogLevel.Warning,
        "REST API serves {Address} WITHOUT TLS because of --insecure: anybody on the way reads API keys and data")]
    public static partial void Insecure(ILogger log, string address);

    [LoggerMessage(602, LogLevel.Information, "REST API stops")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(603, LogLevel.Error, "{Operation} failed; request {Request}")]
    public static partial void RequestFailed(ILogger log, string operation, string request, Exception exception);

    [LoggerMessage(604, LogLevel.Warning,
        "{Operation}: the answer was cut because of {Code}, the caller sees a broken transfer; request {Request}")]
    public static partial void AnswerCut(ILogger log, string operation, string request, string code);

    [LoggerMessage(605, LogLevel.Warning, "The idempotency journal {Path} cannot be used: {Reason}")]
    public static partial void JournalFailed(ILogger log, string path, string reason);
}
