using System.Buffers;
using Microsoft.AspNetCore.Http;
using Node.Client.Recording;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Observing;
using Node.Rest.Problems;
using Node.Rest.Records;

namespace Node.Rest.Contents;

/// <summary>Operations that give content back, verified: nobody receives altered content to its end.</summary>
/// <remarks>
/// What fits into <see cref="RestLimits.ContentAheadBytes"/> is verified before the first byte leaves, so that altered
/// content is a problem like any other. What is larger flows while it is hashed, its last piece held back until the
/// whole is right; if it is not, the connection ends without the end of the transfer, which every client reports.
/// Ranges are not served: a part cannot be verified without the whole. Content-Length is left out for large content,
/// whose length only its end tells.
/// </remarks>
internal sealed class ContentDownloads(RestMetrics metrics)
{
    public IEnumerable<Operation> Operations() =>
        RecordSelector.Twice(new("GET", "/content", "getContent", "Get the content of the newest record", GetAsync)
        {
            Tag = "Content",
            Description = "Verified against the record's checksum: small content before its first byte is sent, large "
                + "content before its last, and a transfer that is cut is content that was altered. The ETag is the "
                + "checksum. Ranges are not served.",
            Answers =
            [
                Answer.Bytes("The content", "application/octet-stream"),
                Answer.Empty(304, "It is the one of If-None-Match"),
            ],
        });

    /// <summary>Sends a record's content, for the paths of 2019 too.</summary>
    public async Task SendAsync(Call call, ProvenanceRecord record)
    {
        HttpResponse response = call.Response;
        if (RecordReading.IsKnown(call, $"\"{EtagOf(record)}\""))
            return;

        // The checksum is that of the stored bytes: what is encrypted stays so, and its reader has the key.
        await using Stream content = await call.Session.Provenance.OpenStoredAsync(record, call.Cancellation);
        byte[] ahead = ArrayPool<byte>.Shared.Rent(RestLimits.ContentAheadBytes + 1);
        try
        {
            // One byte more than is held shows whether this was all; if it was, it is verified by now.
            int read = await content.ReadAtLeastAsync(
                ahead, RestLimits.ContentAheadBytes + 1, throwOnEndOfStream: false, call.Cancellation);
            response.ContentType = "application/octet-stream";
            response.Headers.AcceptRanges = "none";
            response.Headers.CacheControl = "no-cache";
            response.Headers["Content-Security-Policy"] = "sandbox";
            response.Headers["X-Record-Id"] = record.TransactionId.Value;
            if (record.Checksum is { Algorithm: "SHA-256" } && Hash32.TryParseHex(record.Hash, out Hash32 digest))
                response.Headers["Repr-Digest"] = DigestHeader.Of(digest);
            if (read <= RestLimits.ContentAheadBytes)
                response.ContentLength = read;

            await response.Body.WriteAsync(ahead.AsMemory(0, read), call.Cancellation);
            metrics.Downloaded(read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ahead);
        }

        if (response.ContentLength is null)
            await FlowAsync(content, call);
    }

    private async Task GetAsync(Call call) => await SendAsync(call, await RecordSelector.FindAsync(call));

    private async Task FlowAsync(Stream content, Call call)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            for (int read; (read = await content.ReadAsync(buffer, call.Cancellation)) > 0;)
            {
                await call.Response.Body.WriteAsync(buffer.AsMemory(0, read), call.Cancellation);
                metrics.Downloaded(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string EtagOf(ProvenanceRecord record) =>
        record.Checksum is { } checksum
            ? $"{checksum.Algorithm.ToLowerInvariant()}-{checksum.Hex}"
            : throw new RequestFault(new Problem(
                ProblemKind.NotVerifiable,
                $"The record's checksum cannot be computed here ({record.ChecksumAlgorithm}).")
            {
                Subject = record.Key,
                Value = record.ChecksumAlgorithm,
                Next = "Fetch the content from its location and check it with the program that computed the checksum.",
            });
}
