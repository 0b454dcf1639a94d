using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Node.Rest.Calls;
using Node.Rest.Problems;

namespace Node.Rest.Contents;

/// <summary>Reads multipart/form-data as it arrives: first the fields, then one file, which is never held.</summary>
internal static class UploadForm
{
    private const int BoundaryCharsMax = 70;   // RFC 2046, 5.1.1.

    /// <summary>The fields before the file, and the file, to be read now.</summary>
    /// <param name="FileEnded">To be called behind the file's last byte: refuses whatever else follows.</param>
    public sealed record Parts(
        IReadOnlyDictionary<string, IReadOnlyList<string>> Fields, Stream File,
        Func<CancellationToken, Task> FileEnded);

    /// <exception cref="RequestFault">The body is no such form.</exception>
    public static async Task<Parts> ReadAsync(Call call, IReadOnlyList<string> known)
    {
        MultipartReader reader = NewReader(call.Request);
        var fields = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (int count = 0; count <= RestLimits.FieldsMax; count++)
        {
            MultipartSection section = await reader.ReadNextSectionAsync(call.Cancellation)
                ?? throw Bad("The form has no file.", "file");
            ContentDispositionHeaderValue? disposition = section.GetContentDispositionHeader();
            string name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).ToString();
            if (disposition is not null && disposition.IsFileDisposition())
                return new Parts(
                    fields.ToDictionary(field => field.Key, field => (IReadOnlyList<string>)field.Value), section.Body,
                    cancellation => RequireEndAsync(reader, cancellation));

            if (!known.Contains(name))
                throw Bad(
                    $"The form has a field \"{name}\" before its file; known are {string.Join(", ", known)}.", name);

            string value = await ReadFieldAsync(section.Body, name, call.Cancellation);
            if (!fields.TryGetValue(name, out List<string>? values))
                fields[name] = values = [];
            values.Add(value);
        }

        throw Bad(FormattableString.Invariant($"The form has more than {RestLimits.FieldsMax} fields."), "body");
    }

    private static MultipartReader NewReader(HttpRequest request)
    {
        bool isForm = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        string boundary = HeaderUtilities.RemoveQuotes(type?.Boundary ?? default).ToString();
        if (!isForm || boundary.Length is 0 or > BoundaryCharsMax)
            throw new RequestFault(
                new Problem(ProblemKind.UnsupportedMediaType, "The body is not announced as multipart/form-data.")
                {
                    Subject = "Content-Type",
                    Value = request.ContentType ?? "(none)",
                    Limit = "multipart/form-data with a boundary of 1 to 70 characters",
                    Next = "Send a form, or the raw bytes to PUT /api/v1/records/{key}/content.",
                });

        return new MultipartReader(boundary, request.Body)
        {
            HeadersCountLimit = 16,
            HeadersLengthLimit = 16 << 10,
            BodyLengthLimit = null,   // The server's limit of uploads holds for the whole body.
        };
    }

    private static async Task RequireEndAsync(MultipartReader reader, CancellationToken cancellation)
    {
        if (await reader.ReadNextSectionAsync(cancellation) is not null)
            throw Bad("The form has something behind its file.", "file");
    }

    private static async Task<string> ReadFieldAsync(Stream body, string name, CancellationToken cancellation)
    {
        var bytes = new byte[RestLimits.FieldBytesMax + 1];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        if (read > RestLimits.FieldBytesMax)
            throw new RequestFault(new Problem(ProblemKind.TooLarge, $"The field {name} is too long.")
            {
                Subject = name,
                Limit = FormattableString.Invariant($"{RestLimits.FieldBytesMax} bytes"),
                Next = "Shorten it. Nothing was recorded.",
            });

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, read);
        }
        catch (DecoderFallbackException)
        {
            throw Bad($"The field {name} is not UTF-8.", name);
        }
    }

    private static RequestFault Bad(string detail, string subject) =>
        new(new Problem(ProblemKind.InvalidBody, detail)
        {
            Subject = subject,
            Next = "Send the fields first and then one part with a file name. Nothing was recorded.",
        });
}
