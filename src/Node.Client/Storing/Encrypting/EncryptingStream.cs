using System.Buffers.Binary;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing.Encrypting;

/// <summary>Content as it is read, encrypted: header, chunks, and an end that says how long all of it was.</summary>
/// <remarks>One reader; the source stays the caller's. docs/formats.md, "Encrypted content".</remarks>
internal sealed class EncryptingStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly AesGcm _gcm;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _plain = new byte[EncryptedHeader.ChunkBytes + ChunkSeal.EndBytes];
    private readonly byte[] _sealed =
        new byte[EncryptedHeader.ChunkBytes + ChunkSeal.EndBytes + EncryptedHeader.TagBytes];

    private ReadOnlyMemory<byte> _ready;
    private ulong _chunk;
    private long _bytes;
    private bool _isAtEnd;

    public EncryptingStream(Stream source, IReadOnlyList<RecipientKey> recipients)
    {
        _source = source;
        _ready = EncryptedHeader.Create(recipients, out byte[] key);
        _gcm = new AesGcm(key, EncryptedHeader.TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ready.IsEmpty && !_isAtEnd)
            await SealNextAsync(cancellationToken).ConfigureAwait(false);

        int bytes = Math.Min(buffer.Length, _ready.Length);
        _ready[..bytes].CopyTo(buffer);
        _ready = _ready[bytes..];
        return bytes;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gcm.Dispose();
            _sha256.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
        }

        base.Dispose(disposing);
    }

    private async Task SealNextAsync(CancellationToken cancellation)
    {
        int bytes = await _source.ReadAtLeastAsync(
            _plain.AsMemory(0, EncryptedHeader.ChunkBytes), EncryptedHeader.ChunkBytes, throwOnEndOfStream: false,
            cancellation).ConfigureAwait(false);
        _sha256.AppendData(_plain, 0, bytes);
        _bytes += bytes;
        _isAtEnd = bytes < EncryptedHeader.ChunkBytes;
        if (_isAtEnd)
        {
            BinaryPrimitives.WriteInt64BigEndian(_plain.AsSpan(bytes), _bytes);
            Hash32.Finish(_sha256).CopyTo(_plain.AsSpan(bytes + sizeof(long)));
            bytes += ChunkSeal.EndBytes;
        }

        Span<byte> nonce = stackalloc byte[EncryptedHeader.NonceBytes];
        ChunkSeal.WriteNonce(nonce, _chunk++, _isAtEnd);
        _gcm.Encrypt(
            nonce, _plain.AsSpan(0, bytes), _sealed.AsSpan(0, bytes), _sealed.AsSpan(bytes, EncryptedHeader.TagBytes));
        _ready = _sealed.AsMemory(0, bytes + EncryptedHeader.TagBytes);
    }
}
