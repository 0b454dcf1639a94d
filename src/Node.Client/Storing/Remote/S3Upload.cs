using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Node.Protocol;

namespace Node.Client.Storing.Remote;

/// <summary>One content that is sent in parts while it is read and hashed.</summary>
/// <remarks>An upload that fails is aborted, so that the server keeps no parts of it. One owner.</remarks>
internal sealed class S3Upload(
    S3Store store, AmazonS3Client s3, S3Address address, AddOptions options, TimeProvider clock)
{
    public const string Folder = "large/";

    private static readonly TimeSpan s_abortTimeout = TimeSpan.FromSeconds(10);

    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<PartETag> _parts = [];
    private bool _isUncertain;   // Some digest of the server's was not ours: it may be of another kind.
    private long _bytes;

    /// <param name="first">A full part.</param>
    /// <param name="hasSecond">The caller allows a second buffer of the same size.</param>
    public async Task<StoredContent> RunAsync(
        byte[] first, bool hasSecond, Stream content, CancellationToken cancellation)
    {
        string pointer = options.Pointer
            ?? Folder + RandomNumberGenerator.GetHexString(32, lowercase: true) + options.Suffix;
        InitiateMultipartUploadResponse begun = await store.AskAsync("add content", pointer, token =>
            s3.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest
                {
                    BucketName = address.Bucket,
                    Key = address.KeyOf(pointer),
                    ContentType = "application/octet-stream",
                }, token), cancellation).ConfigureAwait(false);
        bool isComplete = false;
        try
        {
            await SendAllAsync(pointer, begun.UploadId, first, hasSecond, content, cancellation).ConfigureAwait(false);
            Hash32 checksum = Hash32.Finish(_sha256);
            await CompleteAsync(pointer, begun.UploadId, cancellation).ConfigureAwait(false);
            isComplete = true;
            if (_isUncertain)
                await store.RequireStoredAsync(pointer, checksum, cancellation).ConfigureAwait(false);

            await store.RememberAsync(checksum, pointer, options.Suffix, cancellation).ConfigureAwait(false);
            return new StoredContent(checksum, _bytes, store.Location, pointer);
        }
        finally
        {
            _sha256.Dispose();
            if (!isComplete)
                await AbortAsync(pointer, begun.UploadId).ConfigureAwait(false);
        }
    }

    public static byte[] Digest(ReadOnlySpan<byte> content) =>
#pragma warning disable CA5351 // Content-MD5 is what S3 checks on arrival; what a record relies on is the SHA-256.
        MD5.HashData(content);
#pragma warning restore CA5351

    /// <summary>Whether a server's tag is the MD5 that we sent.</summary>
    public static bool IsDigest(string? tag, byte[] digest) =>
        string.Equals(tag?.Trim('"'), Convert.ToHexString(digest), StringComparison.OrdinalIgnoreCase);

    public static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes)
    {
        bool isArray = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment);
        Invariant.Require(isArray && segment.Array is not null, "parts lie in arrays");
        return new MemoryStream(segment.Array, segment.Offset, segment.Count, writable: false);
    }

    private async Task SendAllAsync(
        string pointer, string uploadId, byte[] first, bool hasSecond, Stream content, CancellationToken cancellation)
    {
        byte[] second = hasSecond ? ArrayPool<byte>.Shared.Rent(S3Store.PartBytes) : first;
        try
        {
            byte[] current = first;
            int bytes = S3Store.PartBytes;
            while (bytes > 0)
            {
                if (_bytes + bytes > S3Store.ContentBytesMax)
                    throw new StorageFailedException(
                        "add content", store.Location,
                        $"S3 stores take at most {S3Store.ContentBytesMax} bytes in one content: split it, or use a " +
                        "folder store", inner: null);

                byte[] next = current == first ? second : first;
                Task sending = SendAsync(pointer, uploadId, current, bytes, cancellation);
                if (!hasSecond)
                    await sending.ConfigureAwait(false);

                Task<int> reading = FillAsync(content, next, cancellation);

                // Both, also when one fails: neither may go on using a buffer that was returned.
                await Task.WhenAll(sending, reading).ConfigureAwait(false);
                options.Progress?.Report(bytes);
                _bytes += bytes;
                bytes = await reading.ConfigureAwait(false);
                current = next;
            }
        }
        finally
        {
            if (hasSecond)
                ArrayPool<byte>.Shared.Return(second);
        }
    }

    private async Task SendAsync(
        string pointer, string uploadId, byte[] part, int bytes, CancellationToken cancellation)
    {
        int number = _parts.Count + 1;
        ReadOnlyMemory<byte> content = part.AsMemory(0, bytes);
        _sha256.AppendData(content.Span);
        byte[] digest = Digest(content.Span);
        UploadPartResponse answer = await store.AskAsync("add content", pointer, token => s3.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = address.Bucket,
                Key = address.KeyOf(pointer),
                UploadId = uploadId,
                PartNumber = number,
                PartSize = bytes,
                InputStream = StreamOf(content),
                MD5Digest = Convert.ToBase64String(digest),
                UseChunkEncoding = false,
            }, token), cancellation).ConfigureAwait(false);
        _isUncertain |= !IsDigest(answer.ETag, digest);
        _parts.Add(new PartETag(number, answer.ETag));
    }

    private async Task CompleteAsync(string pointer, string uploadId, CancellationToken cancellation)
    {
        await store.AskAsync("add content", pointer, token => s3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = address.Bucket,
                Key = address.KeyOf(pointer),
                UploadId = uploadId,
                PartETags = _parts,
            }, token), cancellation).ConfigureAwait(false);
        GetObjectMetadataResponse stored = await store.AskAsync("add content", pointer, token =>
            s3.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = address.Bucket, Key = address.KeyOf(pointer) }, token),
            cancellation).ConfigureAwait(false);
        if (stored.ContentLength != _bytes)
            throw new StorageFailedException(
                "add content", store.Location,
                $"the server keeps {stored.ContentLength} bytes at {pointer}, sent were {_bytes}", inner: null);
    }

    // With a time of its own: the caller's token may be the reason why the upload ended.
    private async Task AbortAsync(string pointer, string uploadId)
    {
        using var limit = new StepLimit(s_abortTimeout, clock, CancellationToken.None);
        try
        {
            await s3.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest
                {
                    BucketName = address.Bucket,
                    Key = address.KeyOf(pointer),
                    UploadId = uploadId,
                }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Faults.IsKnown(e, limit))
        {
            // The server that just failed fails again. The sweep finds the upload.
        }
    }

    private static async Task<int> FillAsync(Stream source, byte[] buffer, CancellationToken cancellation) =>
        await source.ReadAtLeastAsync(
            buffer.AsMemory(0, S3Store.PartBytes), S3Store.PartBytes, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
}
