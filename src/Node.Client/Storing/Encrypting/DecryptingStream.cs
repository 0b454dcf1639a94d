using System.Buffers.Binary;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing.Encrypting;

/// <summary>The content of encrypted bytes. Each piece is handed out only once its chunk was authenticated.</summary>
/// <remarks>One reader; owns the stored stream.</remarks>
internal sealed class DecryptingStream : ReadOnlyStream
{
    private const int SealedBytes = EncryptedHeader.ChunkBytes + EncryptedHeader.TagBytes;

    // The last chunk is shorter than this; whatever follows a full chunk is at least an end, so it is longer.
    private const int LookAheadBytes = EncryptedHeader.ChunkBytes + ChunkSeal.EndBytes + EncryptedHeader.TagBytes;

    private readonly Stream _stored;
    private readonly string _place;
    private readonly AesGcm _gcm;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _sealed = new byte[LookAheadBytes];
    private readonly byte[] _plain = new byte[LookAheadBytes];

    private ReadOnlyMemory<byte> _ready;
    private int _sealedBytes;
    private ulong _chunk;
    private long _bytes;
    private bool _isAtEnd;

    private DecryptingStream(Stream stored, string place, byte[] key)
    {
        _stored = stored;
        _place = place;
        _gcm = new AesGcm(key, EncryptedHeader.TagBytes);
    }

    /// <param name="place">For messages: where it lies.</param>
    /// <exception cref="ContentEncryptedException">None of the keys opens it, or it is in no known format.</exception>
    public static async Task<DecryptingStream> OpenAsync(
        Stream stored, string place, IReadOnlyList<ReadingKey> keys, CancellationToken cancellation)
    {
        byte[] start = new byte[EncryptedHeader.FixedBytes];
        int read = await FillAsync(stored, start, cancellation).ConfigureAwait(false);
        if (!EncryptedHeader.TryGetLength(start.AsSpan(0, read), out int bytes, out string? fault))
            throw new ContentEncryptedException(place, fault);

        byte[] header = new byte[bytes];
        start.CopyTo(header, 0);
        read = await FillAsync(stored, header.AsMemory(start.Length), cancellation).ConfigureAwait(false);
        if (read < bytes - start.Length)
            throw new ContentEncryptedException(place, "it ends within its header");
        if (!EncryptedHeader.TryOpen(header, keys, out byte[]? key, out fault))
            throw new ContentEncryptedException(place, fault);

        var opened = new DecryptingStream(stored, place, key);
        CryptographicOperations.ZeroMemory(key);
        return opened;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty && !_isAtEnd)
            await OpenNextAsync(cancellationToken).ConfigureAwait(false);

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
            _gcm.Dispose();
            _sha256.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
        }

        base.Dispose(disposing);
    }

    private async Task OpenNextAsync(CancellationToken cancellation)
    {
        _sealedBytes += await FillAsync(_stored, _sealed.AsMemory(_sealedBytes), cancellation).ConfigureAwait(false);
        _isAtEnd = _sealedBytes < LookAheadBytes;
        int bytes = (_isAtEnd ? _sealedBytes : SealedBytes) - EncryptedHeader.TagBytes;
        if (bytes < (_isAtEnd ? ChunkSeal.EndBytes : 0))
            throw Broken("it was cut off");

        Span<byte> nonce = stackalloc byte[EncryptedHeader.NonceBytes];
        ChunkSeal.WriteNonce(nonce, _chunk, _isAtEnd);
        try
        {
            _gcm.Decrypt(
                nonce, _sealed.AsSpan(0, bytes), _sealed.AsSpan(bytes, EncryptedHeader.TagBytes),
                _plain.AsSpan(0, bytes));
        }
        catch (CryptographicException)
        {
            throw Broken($"chunk {_chunk} was altered, moved or cut off");
        }

        int content = _isAtEnd ? bytes - ChunkSeal.EndBytes : bytes;
        _sha256.AppendData(_plain, 0, content);
        _bytes += content;
        _chunk++;
        if (_isAtEnd)
            RequireEnd(_plain.AsSpan(content, ChunkSeal.EndBytes));

        _ready = _plain.AsMemory(0, content);
        int opened = bytes + EncryptedHeader.TagBytes;
        _sealed.AsSpan(opened, _sealedBytes - opened).CopyTo(_sealed);
        _sealedBytes -= opened;
    }

    private void RequireEnd(ReadOnlySpan<byte> end)
    {
        Hash32 checksum = Hash32.Finish(_sha256);
        if (BinaryPrimitives.ReadInt64BigEndian(end) != _bytes || !end[sizeof(long)..].SequenceEqual(checksum.AsSpan()))
            throw Broken("its end says another length or checksum");
    }

    private ContentEncryptedException Broken(string fault) => new(_place, fault);

    private static async Task<int> FillAsync(Stream stored, Memory<byte> buffer, CancellationToken cancellation) =>
        await stored.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
}
