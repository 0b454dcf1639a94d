using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.Net.Client.Calls;

/// <summary>Reads the status of a call from headers, from HTTP and from failures.</summary>
/// <remarks>Sources: PROTOCOL-HTTP2.md ("Errors") and http-grpc-status-mapping.md of the gRPC project.</remarks>
internal static class ResponseStatus
{
    /// <returns>False when there is no readable <c>grpc-status</c>.</returns>
    public static bool TryRead(HttpResponseHeaders headers, out Status status)
    {
        HttpHeadersNonValidated raw = headers.NonValidated;
        status = default;
        if (!raw.TryGetValues(GrpcProtocol.StatusHeader, out HeaderStringValues number))
            return false;

        string text = number.ToString();
        if (text == "0" && !raw.Contains(GrpcProtocol.MessageHeader))
        {
            status = Status.DefaultSuccess;
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            return false;

        string detail = raw.TryGetValues(GrpcProtocol.MessageHeader, out HeaderStringValues message)
            ? GrpcProtocol.UnescapeMessage(message.ToString())
            : "";
        status = new Status(
            code is >= 0 and <= (int)StatusCode.Unauthenticated ? (StatusCode)code : StatusCode.Unknown, detail);
        return true;
    }

    public static Metadata MetadataOf(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            if (WireMetadata.IsReserved(name))
                continue;

            foreach (string value in values)
                WireMetadata.Add(metadata, name, value);
        }

        return metadata;
    }

    public static Status OfHttp(HttpStatusCode code) =>
        new(
            code switch
            {
                HttpStatusCode.BadRequest => StatusCode.Internal,
                HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
                HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
                HttpStatusCode.NotFound => StatusCode.Unimplemented,
                HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                    or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
                _ => StatusCode.Unknown,
            },
            $"The server answered with HTTP status {(int)code} and no gRPC status.");

    /// <summary>The status of a call whose connection or stream failed.</summary>
    public static Status OfFailure(Exception because)
    {
        for (Exception? e = because; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
                return new Status(OfResetCode(protocol.ErrorCode), Detail(because), because);
        }

        for (Exception? e = because; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError })
                return new Status(StatusCode.Internal, Detail(because), because);
            if (e is SocketException or IOException or HttpRequestException or TimeoutException)
                return new Status(StatusCode.Unavailable, Detail(because), because);
        }

        return new Status(StatusCode.Internal, Detail(because), because);
    }

    private static StatusCode OfResetCode(long code) => code switch
    {
        0x7 => StatusCode.Unavailable,         // REFUSED_STREAM
        0x8 => StatusCode.Cancelled,           // CANCEL
        0xb => StatusCode.ResourceExhausted,   // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied,    // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };

    private static string Detail(Exception because)
    {
        string detail = $"Error starting or reading gRPC call. {because.GetType().Name}: {because.Message}";
        for (Exception? e = because.InnerException; e is not null; e = e.InnerException)
            detail += $" {e.GetType().Name}: {e.Message}";

        return detail;
    }
}
