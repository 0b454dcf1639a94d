using Microsoft.Extensions.Logging;

namespace Node.Hosting.Renewing;

/// <summary>What a node says about its certificates. Event ids 12x.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(120, LogLevel.Information,
        "The {Use} of {Subject} was renewed: serial {Former} before, {Serial} from now on, valid until {End:u}")]
    public static partial void Renewed(
        ILogger log, string use, string subject, string former, string serial, DateTimeOffset end);

    [LoggerMessage(121, LogLevel.Error,
        "The {Use} in {Place} changed and cannot be used: {Reason}. The former one, serial {Serial}, stays in use")]
    public static partial void NotUsed(ILogger log, string use, string place, string reason, string serial);

    [LoggerMessage(122, LogLevel.Warning,
        "The {Use} of {Subject}, serial {Serial}, ends in {Days} days, at {End:u}: {Next}")]
    public static partial void EndsSoon(
        ILogger log, string use, string subject, string serial, long days, DateTimeOffset end, string next);

    [LoggerMessage(123, LogLevel.Error, "The {Use} of {Subject}, serial {Serial}, expired at {End:u}: {Next}")]
    public static partial void Expired(
        ILogger log, string use, string subject, string serial, DateTimeOffset end, string next);
}
