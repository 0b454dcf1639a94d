using Microsoft.Extensions.Logging;

namespace Node.Ca.Hosting;

/// <summary>What the authority's log says. Ids 5000 to 5099.</summary>
internal static partial class CaLog
{
    [LoggerMessage(5000, LogLevel.Information, "CA {Name} listens on {Addresses}; data in {Folder}")]
    public static partial void Listening(ILogger logger, string name, string addresses, string folder);

    [LoggerMessage(5001, LogLevel.Information, "CA {Name} stopped")]
    public static partial void Stopped(ILogger logger, string name);

    [LoggerMessage(5002, LogLevel.Information, "Made the first registrar, {Id}")]
    public static partial void RegistrarMade(ILogger logger, string id);

    [LoggerMessage(5003, LogLevel.Information, "{Deed}")]
    public static partial void Done(ILogger logger, string deed);

    [LoggerMessage(
        5004, LogLevel.Warning, "Refused {Method} {Endpoint} from {Address}: {Status}, code {Code}: {Reason}")]
    public static partial void Refused(
        ILogger logger, string method, string endpoint, System.Net.IPAddress address, int status, int code,
        string reason);

    [LoggerMessage(5005, LogLevel.Error, "{Method} {Endpoint} failed: storage")]
    public static partial void StorageFailed(ILogger logger, string method, string endpoint, Exception failure);

    [LoggerMessage(5006, LogLevel.Error, "{Method} {Endpoint} failed: a bug in this program")]
    public static partial void Failed(ILogger logger, string method, string endpoint, Exception failure);

    [LoggerMessage(5009, LogLevel.Error,
        "The certificate of this authority's own port, {File}, ends soon and cannot be renewed: {Reason}")]
    public static partial void OwnTlsNotRenewed(ILogger logger, string file, string reason);

    [LoggerMessage(5008, LogLevel.Information, "Took {Count} certificates of members into the store")]
    public static partial void Imported(ILogger logger, int count);
}
