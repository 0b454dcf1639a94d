using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Node.Protocol;

namespace Node.Client.Storing.Remote;

/// <summary>A bucket, or a part of one, on any server that speaks S3.</summary>
/// <remarks>
/// <para>
/// Contents up to <see cref="PartBytes"/> lie under their SHA-256 (<c>sha256/ab/cdef…</c>). Larger ones are sent in
/// parts while they are hashed, so they need a name before their checksum is known: <c>large/</c> and 32 random hex
/// digits; a small object, <c>sha256/ab/cdef….at</c>, then says where they lie. Back-links are empty objects,
/// <c>links/POINTER/TXID</c>.
/// </para>
/// <para>
/// Each part travels with its MD5, which the server checks, and the server's own digest of what it keeps is held
/// against ours. A server whose digests are of another kind (encrypting ones) is asked for the content again.
/// </para>
/// </remarks>
public sealed class S3Store : IContentStore
{
    /// <summary>Of one part, and of the largest content that is sent in one request.</summary>
    public const int PartBytes = 8 << 20;

    /// <summary>Largest content: S3 takes this many parts of one object.</summary>
    public const long ContentBytesMax = PartsMax * (long)PartBytes;

    internal const string UnfinishedPrefix = "unfinished:";

    private const string AliasSuffix = ".at";

    private const int AliasBytesMax = 1 << 12;
    private const int PartsMax = 10_000;
    private const int SmallBytes = 1 << 17;
    private const int BuffersMax = 5;   // 40 MiB of parts on their way, whatever is added at once.

    private readonly S3Address _address;
    private readonly S3Access _access;
    private readonly Lazy<AmazonS3Client> _client;   // Credentials are looked for when the store is first used.
    private readonly ConcurrentDictionary<string, StoredObject> _aliases = new(StringComparer.Ordinal);   // As listed.
    private readonly SemaphoreSlim _buffers = new(BuffersMax);

    internal S3Store(S3Address address, S3Access access, bool isReadOnly)
    {
        _address = address;
        _access = access;
        _client = new Lazy<AmazonS3Client>(() => access.Connect(address));
        IsReadOnly = isReadOnly;
    }

    public string Location => _address.Location;

    public bool IsReadOnly { get; }

    private AmazonS3Client S3 => _client.Value;

    public async Task<StoredContent> AddAsync(Stream content, AddOptions options, CancellationToken cancellation)
    {
        RequireWritable("add content");
        byte[] small = ArrayPool<byte>.Shared.Rent(SmallBytes);
        try
        {
            int bytes = await FillAsync(content, small.AsMemory(0, SmallBytes), cancellation).ConfigureAwait(false);
            return bytes < SmallBytes
                ? await PutAsync(small.AsMemory(0, bytes), options, cancellation).ConfigureAwait(false)
                : await AddLargerAsync(small.AsMemory(0, bytes), content, options, cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(small);
        }
    }

    public async Task<Stream> OpenAsync(string pointer, CancellationToken cancellation)
    {
        if (!RemotePath.IsPlain(pointer))
            throw new LocationRefusedException(Location, pointer, RemotePath.Fault);

        try
        {
            return await OpenKeyAsync(pointer, cancellation).ConfigureAwait(false);
        }
        catch (ContentMissingException) when (ContentAddress.TryParse(pointer, out _))
        {
            string large = await ReadAliasAsync(pointer + AliasSuffix, cancellation).ConfigureAwait(false);
            return await OpenKeyAsync(large, cancellation).ConfigureAwait(false);
        }
    }

    public bool Covers(string location, string pointer, out string own) =>
        _address.Covers(location, pointer, out own);

    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (S3Object found in ListAsync(ContentAddress.Root, cancellation).ConfigureAwait(false))
        {
            StoredObject named = ObjectOf(found);
            if (named.Checksum is null && named.Pointer.EndsWith(AliasSuffix, StringComparison.Ordinal))
                _aliases[await ReadAliasAsync(named.Pointer, cancellation).ConfigureAwait(false)] = named;
            else
                yield return named;
        }

        var withoutObject = new HashSet<string>(_aliases.Keys, StringComparer.Ordinal);
        await foreach (S3Object found in ListAsync(S3Upload.Folder, cancellation).ConfigureAwait(false))
        {
            StoredObject large = ObjectOf(found);
            withoutObject.Remove(large.Pointer);
            yield return large with { Checksum = ChecksumOfAlias(large.Pointer) };
        }

        foreach (string gone in withoutObject)
            yield return _aliases[gone];

        foreach (MultipartUpload upload in await UnfinishedAsync(cancellation).ConfigureAwait(false))
        {
            var begun = new DateTimeOffset(upload.Initiated?.ToUniversalTime() ?? DateTime.UnixEpoch);
            yield return new StoredObject(
                $"{UnfinishedPrefix}{upload.UploadId}:{_address.PointerOf(upload.Key)}", Bytes: 0, begun);
        }
    }

    public async Task DeleteAsync(string pointer, CancellationToken cancellation)
    {
        RequireWritable("delete content");
        if (pointer.StartsWith(UnfinishedPrefix, StringComparison.Ordinal))
        {
            string[] parts = pointer[UnfinishedPrefix.Length..].Split(':', 2);
            await AskAsync("abort an upload", pointer, token => S3.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest
                {
                    BucketName = _address.Bucket,
                    Key = _address.KeyOf(parts[1]),
                    UploadId = parts[0],
                }, token), cancellation).ConfigureAwait(false);
            return;
        }

        foreach (TxId record in await LinksAsync(pointer, cancellation).ConfigureAwait(false))
            await DeleteKeyAsync(LinkOf(pointer, record), cancellation).ConfigureAwait(false);

        await DeleteKeyAsync(pointer, cancellation).ConfigureAwait(false);
        if (_aliases.TryRemove(pointer, out StoredObject? alias))
            await DeleteKeyAsync(alias.Pointer, cancellation).ConfigureAwait(false);
    }

    public async Task LinkAsync(string pointer, TxId record, CancellationToken cancellation)
    {
        using var nothing = new MemoryStream();
        await AskAsync("note a record", pointer, token => S3.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _address.Bucket,
                Key = _address.KeyOf(LinkOf(pointer, record)),
                InputStream = nothing,
                UseChunkEncoding = false,
            }, token), cancellation).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<TxId>> LinksAsync(string pointer, CancellationToken cancellation)
    {
        var records = new List<TxId>();
        await foreach (S3Object note in ListAsync($"links/{pointer}/", cancellation).ConfigureAwait(false))
        {
            if (TxId.TryParse(note.Key[(note.Key.LastIndexOf('/') + 1)..], out TxId id, out _))
                records.Add(id);
        }

        return records;
    }

    public ValueTask DisposeAsync()
    {
        if (_client.IsValueCreated)
            S3.Dispose();

        _buffers.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async Task<T> AskAsync<T>(
        string operation, string pointer, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        // The library's own timeout and retries end first; this ends what they do not see.
        using var limit = new StepLimit(_access.Timeout * (_access.Retries + 2), _access.Clock, cancellation);
        try
        {
            return await ask(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Faults.IsKnown(e, limit))
        {
            throw S3Faults.Translate(e, operation, Location, pointer);
        }
    }

    /// <summary>
    /// Reads the object again and compares: for servers whose own digests say nothing of the content.
    /// </summary>
    internal async Task RequireStoredAsync(string pointer, Hash32 checksum, CancellationToken cancellation)
    {
        Stream stored = await OpenAsync(pointer, cancellation).ConfigureAwait(false);
        await using (stored.ConfigureAwait(false))
        {
            ContentCheck check = await ContentVerification
                .CheckAsync(stored, StorePlace.Of(Location, pointer), Checksum.Of(checksum), cancellation)
                .ConfigureAwait(false);
            if (check.State != ContentState.Intact)
                throw new StorageFailedException(
                    "add content", Location,
                    $"what the server keeps at {check.Path} has the SHA-256 {check.Found?.Hex}, sent was {checksum}",
                    inner: null);
        }
    }

    /// <summary>Makes a large content known under its checksum.</summary>
    internal async Task RememberAsync(Hash32 checksum, string pointer, string suffix, CancellationToken cancellation)
    {
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(pointer));
        await AskAsync("add content", pointer, token => S3.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _address.Bucket,
                Key = _address.KeyOf(ContentAddress.PointerOf(checksum, suffix) + AliasSuffix),
                InputStream = text,
                UseChunkEncoding = false,
            }, token), cancellation).ConfigureAwait(false);
    }

    private async Task<Stream> OpenKeyAsync(string pointer, CancellationToken cancellation)
    {
        GetObjectResponse answer = await AskAsync("open content", pointer, token => S3.GetObjectAsync(
            new GetObjectRequest { BucketName = _address.Bucket, Key = _address.KeyOf(pointer) }, token), cancellation)
            .ConfigureAwait(false);
        return new RemoteContent(answer.ResponseStream, answer, Location, _access.Timeout, _access.Clock);
    }

    private async Task<string> ReadAliasAsync(string alias, CancellationToken cancellation)
    {
        Stream stored = await OpenKeyAsync(alias, cancellation).ConfigureAwait(false);
        await using (stored.ConfigureAwait(false))
        {
            byte[] text = new byte[AliasBytesMax];
            int bytes = await FillAsync(stored, text, cancellation).ConfigureAwait(false);
            string pointer = Encoding.UTF8.GetString(text, 0, bytes);
            return bytes < AliasBytesMax && RemotePath.IsPlain(pointer)
                ? pointer
                : throw new ContentMissingException(Location, alias);
        }
    }

    private StoredObject ObjectOf(S3Object found)
    {
        string pointer = _address.PointerOf(found.Key);
        var lastWrite = new DateTimeOffset(found.LastModified?.ToUniversalTime() ?? DateTime.UnixEpoch);
        return new StoredObject(pointer, found.Size ?? 0, lastWrite)
        {
            Checksum = ContentAddress.TryParse(pointer, out Hash32 checksum) ? checksum : null,
        };
    }

    private Hash32? ChecksumOfAlias(string large) =>
        _aliases.TryGetValue(large, out StoredObject? alias)
        && ContentAddress.TryParse(alias.Pointer[..^AliasSuffix.Length], out Hash32 checksum)
            ? checksum
            : null;

    private static async Task<int> FillAsync(Stream source, Memory<byte> buffer, CancellationToken cancellation) =>
        await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);

    private static string LinkOf(string pointer, TxId record) => $"links/{pointer}/{record}";

    private async Task<StoredContent> AddLargerAsync(
        ReadOnlyMemory<byte> first, Stream content, AddOptions options, CancellationToken cancellation)
    {
        await _buffers.WaitAsync(cancellation).ConfigureAwait(false);
        byte[] part = ArrayPool<byte>.Shared.Rent(PartBytes);
        try
        {
            first.CopyTo(part);
            Memory<byte> rest = part.AsMemory(first.Length, PartBytes - first.Length);
            int bytes = first.Length + await FillAsync(content, rest, cancellation).ConfigureAwait(false);
            if (bytes < PartBytes)
                return await PutAsync(part.AsMemory(0, bytes), options, cancellation).ConfigureAwait(false);

            // A second buffer, when there is one, lets one part be read while the other travels.
            bool hasSecond = await _buffers.WaitAsync(0, cancellation).ConfigureAwait(false);
            try
            {
                return await new S3Upload(this, S3, _address, options, _access.Clock)
                    .RunAsync(part, hasSecond, content, cancellation).ConfigureAwait(false);
            }
            finally
            {
                if (hasSecond)
                    _buffers.Release();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
            _buffers.Release();
        }
    }

    private async Task<StoredContent> PutAsync(
        ReadOnlyMemory<byte> content, AddOptions options, CancellationToken cancellation)
    {
        Hash32 checksum = Hash32.Of(content.Span);
        string pointer = options.Pointer ?? ContentAddress.PointerOf(checksum, options.Suffix);
        byte[] digest = S3Upload.Digest(content.Span);
        PutObjectResponse answer = await AskAsync("add content", pointer, token => S3.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _address.Bucket,
                Key = _address.KeyOf(pointer),
                InputStream = S3Upload.StreamOf(content),
                MD5Digest = Convert.ToBase64String(digest),
                UseChunkEncoding = false,
                ContentType = "application/octet-stream",
            }, token), cancellation).ConfigureAwait(false);
        if (!S3Upload.IsDigest(answer.ETag, digest))
            await RequireStoredAsync(pointer, checksum, cancellation).ConfigureAwait(false);

        options.Progress?.Report(content.Length);
        return new StoredContent(checksum, content.Length, Location, pointer);
    }

    private async Task DeleteKeyAsync(string pointer, CancellationToken cancellation) =>
        await AskAsync(
            "delete content", pointer,
            token => S3.DeleteObjectAsync(
                new DeleteObjectRequest { BucketName = _address.Bucket, Key = _address.KeyOf(pointer) }, token),
            cancellation).ConfigureAwait(false);

    private async IAsyncEnumerable<S3Object> ListAsync(
        string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = _address.KeyOf(folder) };
        do
        {
            ListObjectsV2Response page = await AskAsync(
                "list", folder, token => S3.ListObjectsV2Async(request, token), cancellation).ConfigureAwait(false);
            foreach (S3Object found in page.S3Objects ?? [])
                yield return found;

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    private async Task<IReadOnlyList<MultipartUpload>> UnfinishedAsync(CancellationToken cancellation)
    {
        try
        {
            ListMultipartUploadsResponse answer = await AskAsync("list uploads", "", token =>
                S3.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest
                    {
                        BucketName = _address.Bucket,
                        Prefix = _address.KeyOf(S3Upload.Folder),
                    }, token), cancellation).ConfigureAwait(false);
            return answer.MultipartUploads ?? [];
        }
        catch (Exception e) when (
            e is StorageFailedException or ContentMissingException
            || (e is StoreUnreachableException { InnerException: AmazonS3Exception }))
        {
            return [];   // Not every server lists them; such servers drop them by a rule of their own.
        }
    }

    private void RequireWritable(string operation)
    {
        if (IsReadOnly)
            throw new StorageFailedException(operation, Location, "this store is configured as read-only", inner: null);
    }
}
