using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

internal static partial class CallLog
{
    [LoggerMessage(1, LogLevel.Error, "Method {Method} threw; the client is told UNKNOWN.")]
    public static partial void MethodThrew(ILogger logger, string method, Exception because);

    [LoggerMessage(2, LogLevel.Debug, "Call of {Method} ended with {Status}: {Detail}")]
    public static partial void CallFailed(ILogger logger, string method, Core.StatusCode status, string detail);

    [LoggerMessage(3, LogLevel.Error, "The end of a call of {Method} could not be written; its stream is reset.")]
    public static partial void EndFailed(ILogger logger, string method, Exception because);

    [LoggerMessage(4, LogLevel.Debug, "Deadline of a call of {Method} passed.")]
    public static partial void DeadlinePassed(ILogger logger, string method);

    [LoggerMessage(5, LogLevel.Debug, "Client left a call of {Method}.")]
    public static partial void ClientLeft(ILogger logger, string method);

    [LoggerMessage(6, LogLevel.Warning, "Header {Key} has a value HTTP does not allow and is left out.")]
    public static partial void HeaderLeftOut(ILogger logger, string key, Exception because);
}
