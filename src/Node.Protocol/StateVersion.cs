using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Node.Protocol;

/// <summary>Where the last valid write of a key lies: block number, and the transaction's index in it.</summary>
public readonly record struct StateVersion(ulong Block, uint Transaction) : IComparable<StateVersion>
{
    /// <summary>Longest result of <see cref="EncodeOrdered"/>.</summary>
    public const int OrderedBytesMax = 1 + sizeof(ulong) + 1 + sizeof(uint);

    /// <summary>
    /// Writes both numbers so that byte order is number order: each is a length byte, then its big-endian bytes without
    /// leading zeros. These are the version bytes inside of a commit hash.
    /// </summary>
    /// <param name="destination">At least <see cref="OrderedBytesMax"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int EncodeOrdered(Span<byte> destination)
    {
        int written = EncodeNumber(Block, destination);
        return written + EncodeNumber(Transaction, destination[written..]);
    }

    /// <summary>
    /// Reads what <see cref="EncodeOrdered"/> wrote, and nothing else: every version has one encoding.
    /// </summary>
    public static bool TryDecodeOrdered(ReadOnlySpan<byte> bytes, out StateVersion version)
    {
        version = default;
        if (!TryDecodeNumber(ref bytes, out ulong block)
            || !TryDecodeNumber(ref bytes, out ulong transaction)
            || transaction > uint.MaxValue
            || bytes.Length != 0)
            return false;

        version = new StateVersion(block, (uint)transaction);
        return true;
    }

    public int CompareTo(StateVersion other) =>
        Block != other.Block ? Block.CompareTo(other.Block) : Transaction.CompareTo(other.Transaction);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Block}:{Transaction}");

    public static bool operator <(StateVersion left, StateVersion right) => left.CompareTo(right) < 0;

    public static bool operator <=(StateVersion left, StateVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >(StateVersion left, StateVersion right) => left.CompareTo(right) > 0;

    public static bool operator >=(StateVersion left, StateVersion right) => left.CompareTo(right) >= 0;

    private static int EncodeNumber(ulong number, Span<byte> destination)
    {
        Span<byte> bigEndian = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian, number);
        int zeros = BitOperations.LeadingZeroCount(number) / 8;
        int bytes = sizeof(ulong) - zeros;
        destination[0] = (byte)bytes;
        bigEndian[zeros..].CopyTo(destination[1..]);
        return 1 + bytes;
    }

    private static bool TryDecodeNumber(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        if (bytes.Length == 0 || bytes[0] > sizeof(ulong) || bytes.Length - 1 < bytes[0])
            return false;

        ReadOnlySpan<byte> digits = bytes.Slice(1, bytes[0]);
        if (digits.Length > 0 && digits[0] == 0)
            return false;

        foreach (byte digit in digits)
            number = (number << 8) | digit;

        bytes = bytes[(1 + digits.Length)..];
        return true;
    }
}
