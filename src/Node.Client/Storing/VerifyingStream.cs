using System.Security.Cryptography;

namespace Node.Client.Storing;

/// <summary>
/// Passes stored content on while hashing it, and holds the last piece back until the whole is known to be right.
/// </summary>
/// <remarks>So nobody who reads to the end has read altered content without an exception. One reader.</remarks>
internal sealed class VerifyingStream : ReadOnlyStream
{
    private const int PieceBytes = 1 << 16;

    private readonly Stream _stored;
    private readonly string _path;
    private readonly Checksum _expected;
    private readonly IncrementalHash _hash;
    private byte[] _current = new byte[PieceBytes];
    private byte[] _next = new byte[PieceBytes];
    private ReadOnlyMemory<byte> _ready;   // Invariant: verified, or followed by at least one more byte of the content.
    private int _nextBytes = -1;           // -1 before the first read; 0 once the content has ended and was verified.

    public VerifyingStream(Stream stored, string path, Checksum expected)
    {
        _stored = stored;
        _path = path;
        _expected = expected;
        _hash = IncrementalHash.CreateHash(expected.Name);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ready.IsEmpty)
            await AdvanceAsync(cancellationToken).ConfigureAwait(false);

        int bytes = Math.Min(buffer.Length, _ready.Length);
        _ready[..bytes].CopyTo(buffer);
        _ready = _ready[bytes..];
        return bytes;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stored.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stored.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task AdvanceAsync(CancellationToken cancellation)
    {
        if (_nextBytes < 0)
            await FillNextAsync(cancellation).ConfigureAwait(false);

        if (_nextBytes == 0)
            return;

        int bytes = _nextBytes;
        (_current, _next) = (_next, _current);
        await FillNextAsync(cancellation).ConfigureAwait(false);
        _ready = _current.AsMemory(0, bytes);
    }

    private async Task FillNextAsync(CancellationToken cancellation)
    {
        _nextBytes = await _stored.ReadAtLeastAsync(_next, PieceBytes, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
        _hash.AppendData(_next, 0, _nextBytes);
        if (_nextBytes > 0)
            return;

        Checksum found = _expected.Finish(_hash);
        if (found != _expected)
            throw new ContentMismatchException(new ContentCheck(_path, _expected, found, ContentState.Altered));
    }
}
