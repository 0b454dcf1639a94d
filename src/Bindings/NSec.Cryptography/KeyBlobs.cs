using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace NSec.Cryptography;

/// <summary>Reads and writes Ed25519 keys in the forms of <see cref="KeyBlobFormat"/>.</summary>
/// <remarks>
/// RFC 8410 leaves one DER encoding for a plain key, so both forms are a fixed prefix and 32 bytes; whatever differs
/// is refused.
/// </remarks>
internal static class KeyBlobs
{
    private const string PrivateLabel = "PRIVATE KEY";
    private const string PublicLabel = "PUBLIC KEY";

    private static ReadOnlySpan<byte> PrivatePrefix =>
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private static ReadOnlySpan<byte> PublicPrefix =>
        [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <param name="seed">32 bytes, filled on success.</param>
    public static bool TryReadPrivate(ReadOnlySpan<byte> blob, KeyBlobFormat format, Span<byte> seed) => format switch
    {
        KeyBlobFormat.RawPrivateKey => TryTake(blob, [], seed),
        KeyBlobFormat.PkixPrivateKey => TryTake(blob, PrivatePrefix, seed),
        KeyBlobFormat.PkixPrivateKeyText => TryTakeText(blob, PrivateLabel, PrivatePrefix, seed),
        _ => throw NotSupported(format),
    };

    /// <param name="key">32 bytes, filled on success.</param>
    public static bool TryReadPublic(ReadOnlySpan<byte> blob, KeyBlobFormat format, Span<byte> key) => format switch
    {
        KeyBlobFormat.RawPublicKey => TryTake(blob, [], key),
        KeyBlobFormat.PkixPublicKey => TryTake(blob, PublicPrefix, key),
        KeyBlobFormat.PkixPublicKeyText => TryTakeText(blob, PublicLabel, PublicPrefix, key),
        _ => throw NotSupported(format),
    };

    public static byte[] WritePrivate(ReadOnlySpan<byte> seed, KeyBlobFormat format) => format switch
    {
        KeyBlobFormat.RawPrivateKey => seed.ToArray(),
        KeyBlobFormat.PkixPrivateKey => [.. PrivatePrefix, .. seed],
        KeyBlobFormat.PkixPrivateKeyText => Text(PrivateLabel, [.. PrivatePrefix, .. seed]),
        _ => throw NotSupported(format),
    };

    public static byte[] WritePublic(ReadOnlySpan<byte> key, KeyBlobFormat format) => format switch
    {
        KeyBlobFormat.RawPublicKey => key.ToArray(),
        KeyBlobFormat.PkixPublicKey => [.. PublicPrefix, .. key],
        KeyBlobFormat.PkixPublicKeyText => Text(PublicLabel, [.. PublicPrefix, .. key]),
        _ => throw NotSupported(format),
    };

    private static bool TryTake(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> prefix, Span<byte> key)
    {
        if (blob.Length != prefix.Length + key.Length || !blob.StartsWith(prefix))
            return false;

        blob[prefix.Length..].CopyTo(key);
        return true;
    }

    private static bool TryTakeText(ReadOnlySpan<byte> blob, string label, ReadOnlySpan<byte> prefix, Span<byte> key)
    {
        if (!PemEncoding.TryFindUtf8(blob, out PemFields fields)
            || !blob[fields.Label].SequenceEqual(Encoding.ASCII.GetBytes(label)))
        {
            return false;
        }

        byte[] der = new byte[fields.DecodedDataLength];
        try
        {
            return Base64.DecodeFromUtf8(blob[fields.Base64Data], der, out _, out int bytes)
                == System.Buffers.OperationStatus.Done && TryTake(der.AsSpan(0, bytes), prefix, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static byte[] Text(string label, byte[] der)
    {
        byte[] text = [.. PemEncoding.WriteUtf8(Encoding.ASCII.GetBytes(label), der), (byte)'\n'];
        CryptographicOperations.ZeroMemory(der);
        return text;
    }

    private static ArgumentException NotSupported(KeyBlobFormat format) =>
        new($"Key format {format} does not fit this kind of key.", nameof(format));
}
