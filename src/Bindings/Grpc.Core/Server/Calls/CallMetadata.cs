using System.Globalization;
using Grpc.Core;
using Grpc.Core.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Between metadata and the headers of HTTP.</summary>
internal static class CallMetadata
{
    private static readonly StringValues[] s_statusNumbers = MakeStatusNumbers();

    public static Metadata Read(IHeaderDictionary headers)
    {
        var metadata = new Metadata();
        foreach ((string name, StringValues values) in headers)
        {
            if (WireMetadata.IsReserved(name))
                continue;

            foreach (string? value in values)
                WireMetadata.Add(metadata, name, value ?? "");
        }

        return metadata;
    }

    public static void Write(Metadata metadata, IHeaderDictionary headers, ILogger logger)
    {
        for (int i = 0; i < metadata.Count; i++)
        {
            Metadata.Entry entry = metadata[i];
            if (WireMetadata.IsReserved(entry.Key))
                continue;

            try
            {
                headers.Append(entry.Key, WireMetadata.ValueOf(entry));
            }
            catch (InvalidOperationException because)
            {
                CallLog.HeaderLeftOut(logger, entry.Key, because);
            }
        }
    }

    public static void WriteStatus(in Status status, IHeaderDictionary headers)
    {
        int number = (int)status.StatusCode;
        headers.GrpcStatus = (uint)number < (uint)s_statusNumbers.Length
            ? s_statusNumbers[number]
            : number.ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
            headers.GrpcMessage = GrpcProtocol.EscapeMessage(status.Detail);
    }

    private static StringValues[] MakeStatusNumbers()
    {
        var numbers = new StringValues[(int)StatusCode.Unauthenticated + 1];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = i.ToString(CultureInfo.InvariantCulture);

        return numbers;
    }
}
