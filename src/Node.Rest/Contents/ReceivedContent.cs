using System.Security.Cryptography;
using Node.Protocol;
using Node.Rest.Observing;
using Node.Rest.Problems;

namespace Node.Rest.Contents;

/// <summary>A body on its way into the store: counted, and held against the digest that the caller announced.</summary>
/// <remarks>Content that is not the announced one fails before its end, so the store keeps nothing of it. One reader.
/// </remarks>
internal sealed class ReceivedContent : Stream
{
    private readonly Stream _body;
    private readonly RestMetrics _metrics;
    private readonly Hash32? _announced;
    private readonly IncrementalHash? _hash;

    private readonly Func<CancellationToken, Task>? _ended;

    /// <param name="ended">Called at the end, before the store is told; throws when more came than content.</param>
    public ReceivedContent(
        Stream body, Hash32? announced, Func<CancellationToken, Task>? ended, RestMetrics metrics)
    {
        _body = body;
        _ended = ended;
        _announced = announced;
        _metrics = metrics;
        _hash = announced is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _body.ReadAsync(buffer, cancellationToken);
        _metrics.Uploaded(read);
        if (read > 0)
            _hash?.AppendData(buffer.Span[..read]);
        else if (buffer.Length > 0)
            await EndAsync(cancellationToken);

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Read this stream asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash?.Dispose();

        base.Dispose(disposing);
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        if (_hash is not null)
            RequireAnnounced(Hash32.Finish(_hash));
        if (_ended is not null)
            await _ended(cancellation);
    }

    private void RequireAnnounced(Hash32 found)
    {
        if (found != _announced)
            throw new RequestFault(new Problem(
                ProblemKind.DigestMismatch, "What arrived has another SHA-256 than was announced.")
            {
                Subject = "Content-Digest",
                Value = found.ToString(),
                Limit = _announced?.ToString(),
                Next = "Nothing was recorded. Send it again.",
            });
    }
}
