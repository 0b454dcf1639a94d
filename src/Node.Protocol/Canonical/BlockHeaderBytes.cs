using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Node.Protocol.Wire.Common;

namespace Node.Protocol.Canonical;

/// <summary>The bytes of a block header that are hashed and signed: DER, never protobuf.</summary>
/// <remarks>
/// <c>SEQUENCE { INTEGER number, OCTET STRING previous_hash, OCTET STRING data_hash }</c>. The previous hash of block 0
/// is empty. docs/formats.md, "Block header". Source: Fabric's protoutil, BlockHeaderBytes.
/// </remarks>
public static class BlockHeaderBytes
{
    /// <summary>Longest result, and more than any header needs.</summary>
    public const int BytesMax = 2 + 2 + IntegerBytesMax + (2 * (2 + Hash32.Bytes));

    private const int IntegerBytesMax = sizeof(ulong) + 1;
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;
    private const byte OctetString = 0x04;

    // One length byte says it all up to here, so no long form is ever needed.
    private const uint ShortFormSuffices = BytesMax <= 127 ? 0 : -1;

    /// <param name="previousHash">32 bytes, or empty for block 0.</param>
    /// <param name="dataHash">32 bytes.</param>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(
        ulong number, ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> dataHash, Span<byte> destination)
    {
        Invariant.Require(
            previousHash.Length <= Hash32.Bytes && dataHash.Length <= Hash32.Bytes,
            "longer hashes are refused where the block enters");

        int at = 2;
        at += WriteInteger(number, destination[at..]);
        at += WriteOctets(previousHash, destination[at..]);
        at += WriteOctets(dataHash, destination[at..]);
        destination[0] = Sequence;
        destination[1] = (byte)(at - 2 + ShortFormSuffices);
        return at;
    }

    public static byte[] ToArray(ulong number, ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> dataHash)
    {
        Span<byte> bytes = stackalloc byte[BytesMax];
        return bytes[..Encode(number, previousHash, dataHash, bytes)].ToArray();
    }

    /// <summary>For a header from outside.</summary>
    public static bool TryEncode(
        BlockHeader? header, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? fault)
    {
        bytes = null;
        fault = null;
        if (header is null)
            fault = "the block has no header";
        else if (header.PreviousHash.Length is not (0 or Hash32.Bytes) || header.DataHash.Length != Hash32.Bytes)
            fault = $"its hashes have {header.PreviousHash.Length} and {header.DataHash.Length} bytes instead of 32";
        else
            bytes = ToArray(header.Number, header.PreviousHash.Span, header.DataHash.Span);

        return bytes is not null;
    }

    // DER integers are signed and minimal: no leading zero byte but the one that keeps a set top bit positive.
    private static int WriteInteger(ulong number, Span<byte> destination)
    {
        Span<byte> digits = stackalloc byte[IntegerBytesMax];
        digits[0] = 0;
        BinaryPrimitives.WriteUInt64BigEndian(digits[1..], number);
        int bits = 65 - BitOperations.LeadingZeroCount(number);   // One more than the number has, for the sign.
        int bytes = (bits + 7) / 8;
        destination[0] = Integer;
        destination[1] = (byte)bytes;
        digits[^bytes..].CopyTo(destination[2..]);
        return 2 + bytes;
    }

    private static int WriteOctets(ReadOnlySpan<byte> octets, Span<byte> destination)
    {
        destination[0] = OctetString;
        destination[1] = (byte)octets.Length;
        octets.CopyTo(destination[2..]);
        return 2 + octets.Length;
    }
}
