using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Node.Orderer.Participating;

/// <summary>Reads the one file that a form carries.</summary>
internal static class PostedFile
{
    private const int BoundaryCharsMax = 200;
    private const int HeadersMax = 16;
    private const int HeaderBytesMax = 4 << 10;

    /// <param name="part">The name of the only part that the form may have.</param>
    /// <returns>The file, or null and why it cannot be read.</returns>
    public static async Task<(byte[]? File, string Fault)> ReadAsync(HttpRequest request, string part)
    {
        if (!TryGetBoundary(request.ContentType, out string? boundary, out string? fault))
            return (null, fault);

        try
        {
            var reader = new MultipartReader(boundary, request.Body)
            {
                HeadersCountLimit = HeadersMax, HeadersLengthLimit = HeaderBytesMax,
                BodyLengthLimit = OrdererLimits.AdminRequestBytesMax,
            };
            byte[]? file = null;
            while (await reader.ReadNextSectionAsync(request.HttpContext.RequestAborted) is { } section)
            {
                if (file is not null)
                    return (null, "form contains too many parts");
                if (!IsFile(section, part))
                    return (null, $"form does not contains part key: {part}");

                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, request.HttpContext.RequestAborted);
                file = content.ToArray();
            }

            return (file, file is null ? $"form does not contains part key: {part}" : "");
        }
        catch (Exception malformed) when (malformed is IOException or BadHttpRequestException)
        {
            return (null, $"cannot read form from request body: {malformed.Message}");
        }
    }

    private static bool TryGetBoundary(
        string? contentType, [NotNullWhen(true)] out string? boundary, [NotNullWhen(false)] out string? fault)
    {
        boundary = null;
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            fault = $"unsupported Content-Type: [{contentType}]";
            return false;
        }

        boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        fault = boundary is { Length: > 0 and <= BoundaryCharsMax }
            ? null
            : "cannot read form from request body: the Content-Type names no boundary";
        return fault is null;
    }

    private static bool IsFile(MultipartSection section, string part) =>
        ContentDispositionHeaderValue.TryParse(
            section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
        && disposition.IsFileDisposition()
        && HeaderUtilities.RemoveQuotes(disposition.Name).Value == part;
}
