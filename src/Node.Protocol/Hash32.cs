using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Node.Protocol;

/// <summary>A SHA-256 digest, held inline: 32 bytes, no heap.</summary>
/// <remarks>
/// The default value is <see cref="Zero"/>. Order is byte order. Text is lower-case hex; parsing takes both cases.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Hash32 : IEquatable<Hash32>, IComparable<Hash32>
{
    public const int Bytes = 32;

    // Four words rather than a buffer, so that equality is four comparisons. They hold the digest in memory order.
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    private Hash32(ReadOnlySpan<byte> digest)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(digest);
        _a = words[0];
        _b = words[1];
        _c = words[2];
        _d = words[3];
    }

    public static Hash32 Zero => default;

    public bool IsZero => (_a | _b | _c | _d) == 0;

    // A native object that costs more to make than to use; ready again after each digest.
    [ThreadStatic]
    private static IncrementalHash? t_parts;

    public static Hash32 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        SHA256.HashData(bytes, digest);
        return new Hash32(digest);
    }

    /// <summary>The digest of both parts, one behind the other, without joining them first.</summary>
    public static Hash32 Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Of(first, second, default);

    /// <inheritdoc cref="Of(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public static Hash32 Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        // Short inputs are joined on the stack: that is cheaper than an incremental hash and its native object.
        const int StackBytes = 512;
        long bytes = (long)first.Length + second.Length + third.Length;
        if (bytes <= StackBytes)
        {
            Span<byte> joined = stackalloc byte[StackBytes];
            first.CopyTo(joined);
            second.CopyTo(joined[first.Length..]);
            third.CopyTo(joined[(first.Length + second.Length)..]);
            return Of(joined[..(int)bytes]);
        }

        IncrementalHash hash = t_parts ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(first);
        hash.AppendData(second);
        hash.AppendData(third);
        return Finish(hash);
    }

    /// <summary>The digest of everything appended so far. Resets <paramref name="sha256"/> for its next use.</summary>
    public static Hash32 Finish(IncrementalHash sha256)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        int written = sha256.GetHashAndReset(digest);
        Invariant.Require(written == Bytes, "only SHA-256 is finished here");
        return new Hash32(digest);
    }

    /// <summary>Takes a digest that was computed elsewhere.</summary>
    /// <param name="digest">Exactly 32 bytes; for input from outside use <see cref="TryRead"/>.</param>
    public static Hash32 Read(ReadOnlySpan<byte> digest)
    {
        Invariant.Require(digest.Length == Bytes, "a digest has 32 bytes; lengths from outside go through TryRead");
        return new Hash32(digest);
    }

    /// <summary>False when the length is not 32.</summary>
    public static bool TryRead(ReadOnlySpan<byte> digest, out Hash32 hash)
    {
        bool fits = digest.Length == Bytes;
        hash = fits ? new Hash32(digest) : default;
        return fits;
    }

    /// <summary>Takes 64 hex digits of either case.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out Hash32 hash)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        bool parsed = text.Length == 2 * Bytes
            && Convert.FromHexString(text, digest, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = parsed ? new Hash32(digest) : default;
        return parsed;
    }

    /// <inheritdoc cref="TryParseHex(ReadOnlySpan{char}, out Hash32)"/>
    public static bool TryParseHex(ReadOnlySpan<byte> utf8, out Hash32 hash)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        bool parsed = utf8.Length == 2 * Bytes
            && Convert.FromHexString(utf8, digest, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = parsed ? new Hash32(digest) : default;
        return parsed;
    }

    /// <summary>The digest itself. Valid while this value stays where it is.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in _a, Bytes / sizeof(ulong)));

    public void CopyTo(Span<byte> destination) => AsSpan().CopyTo(destination);

    public byte[] ToArray() => AsSpan().ToArray();

    public bool Equals(Hash32 other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Hash32 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d);

    public int CompareTo(Hash32 other) => AsSpan().SequenceCompareTo(other.AsSpan());

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan());

    public static bool operator ==(Hash32 left, Hash32 right) => left.Equals(right);

    public static bool operator !=(Hash32 left, Hash32 right) => !left.Equals(right);

    public static bool operator <(Hash32 left, Hash32 right) => left.CompareTo(right) < 0;

    public static bool operator <=(Hash32 left, Hash32 right) => left.CompareTo(right) <= 0;

    public static bool operator >(Hash32 left, Hash32 right) => left.CompareTo(right) > 0;

    public static bool operator >=(Hash32 left, Hash32 right) => left.CompareTo(right) >= 0;
}
