using System.Diagnostics.CodeAnalysis;

namespace NSec.Cryptography;

/// <summary>A public key. Immutable; equal when its bytes are.</summary>
/// <remarks>Import checks the form only: a key that is no point of the curve verifies nothing.</remarks>
public sealed class PublicKey : IEquatable<PublicKey>
{
    private readonly byte[] _bytes;

    internal PublicKey(Algorithm algorithm, byte[] bytes)
    {
        Algorithm = algorithm;
        _bytes = bytes;
    }

    public Algorithm Algorithm { get; }

    /// <summary>Bytes of the raw key.</summary>
    public int Size => _bytes.Length;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    public static bool operator ==(PublicKey? left, PublicKey? right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(PublicKey? left, PublicKey? right) => !(left == right);

    /// <exception cref="FormatException">The bytes are no public key in this format.</exception>
    public static PublicKey Import(Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format) =>
        TryImport(algorithm, blob, format, out PublicKey? key)
            ? key
            : throw new FormatException($"These {blob.Length} bytes are no public key in format {format}.");

    public static bool TryImport(
        Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format, [NotNullWhen(true)] out PublicKey? result)
    {
        Key.RequireEd25519(algorithm);
        byte[] bytes = new byte[Ed25519.PublicBytes];
        bool read = KeyBlobs.TryReadPublic(blob, format, bytes);
        result = read ? new PublicKey(algorithm, bytes) : null;
        return read;
    }

    public byte[] Export(KeyBlobFormat format) => KeyBlobs.WritePublic(_bytes, format);

    public bool Equals(PublicKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes);
}
