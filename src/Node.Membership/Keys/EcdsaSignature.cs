using Node.Membership.Certificates;

namespace Node.Membership.Keys;

/// <summary>ECDSA signatures as DER SEQUENCE { r, s }: the low-S rule on the way in and on the way out.</summary>
/// <remarks>
/// For every valid (r, s) there is a valid (r, n - s). Only the one with s at most n/2 is accepted, so that nobody but
/// the signer can make a second spelling of a signature.
/// </remarks>
internal static class EcdsaSignature
{
    /// <summary>
    /// Checks form and low S, and writes the two integers as the engine takes them at the least cost.
    /// </summary>
    /// <remarks>
    /// Bytes behind s, inside of the sequence or after it, are passed over, as Fabric's verifiers do.
    /// </remarks>
    /// <param name="fixedSize">
    /// At least <see cref="EcCurve.FixedBytesMax"/> bytes. Receives r and s, padded (P1363).
    /// </param>
    /// <returns>The bytes written; 0 when the signature is malformed or its s is high.</returns>
    public static int ReadLowS(ReadOnlySpan<byte> signature, EcCurve curve, Span<byte> fixedSize) =>
        Read(signature, curve, curve.HalfOrder, fixedSize);

    /// <summary>As <see cref="ReadLowS"/>, with any s below the order: for what issuers have signed.</summary>
    public static int ReadAnyS(ReadOnlySpan<byte> signature, EcCurve curve, Span<byte> fixedSize) =>
        Read(signature, curve, curve.Order, fixedSize);

    /// <summary>Replaces a high s by n - s.</summary>
    /// <param name="signature">A signature fresh from the engine, or from a certificate.</param>
    /// <returns>Null when <paramref name="signature"/> is no ECDSA signature over this curve.</returns>
    public static byte[]? ToLowS(ReadOnlySpan<byte> signature, EcCurve curve)
    {
        if (!TryReadIntegers(signature, out ReadOnlySpan<byte> r, out ReadOnlySpan<byte> s)
            || IsAbove(r, curve.Order)
            || IsAbove(s, curve.Order))
            return null;

        Span<byte> canonical = stackalloc byte[EcCurve.SignatureBytesMax];
        if (!IsAbove(s, curve.HalfOrder))
            return canonical[..Write(r, s, canonical)].ToArray();

        Span<byte> flipped = stackalloc byte[curve.Order.Length];
        Subtract(curve.Order, s, flipped);
        ReadOnlySpan<byte> low = flipped.TrimStart((byte)0);
        return low.IsEmpty ? null : canonical[..Write(r, low, canonical)].ToArray();
    }

    private static int Read(
        ReadOnlySpan<byte> signature, EcCurve curve, ReadOnlySpan<byte> sMax, Span<byte> fixedSize)
    {
        if (!TryReadIntegers(signature, out ReadOnlySpan<byte> r, out ReadOnlySpan<byte> s)
            || IsAbove(r, curve.Order)
            || IsAbove(s, sMax))
            return 0;

        int half = curve.Order.Length;
        fixedSize = fixedSize[..(2 * half)];
        fixedSize.Clear();
        r.CopyTo(fixedSize[(half - r.Length)..]);
        s.CopyTo(fixedSize[((2 * half) - s.Length)..]);
        return fixedSize.Length;
    }

    private static bool TryReadIntegers(
        ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> r, out ReadOnlySpan<byte> s)
    {
        r = s = default;
        if (signature.Length == 0
            || signature[0] != DerTag.Sequence
            || !DerReader.TryMeasure(signature, out int headerBytes, out int contentBytes))
            return false;

        ReadOnlySpan<byte> content = signature.Slice(headerBytes, contentBytes);
        return TryReadPositive(content, out r, out int rBytes) && TryReadPositive(content[rBytes..], out s, out _);
    }

    private static bool TryReadPositive(
        ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> magnitude, out int encodedBytes)
    {
        magnitude = default;
        encodedBytes = 0;
        if (bytes.Length == 0
            || bytes[0] != DerTag.Integer
            || !DerReader.TryMeasure(bytes, out int headerBytes, out int contentBytes)
            || contentBytes == 0)
            return false;

        ReadOnlySpan<byte> content = bytes.Slice(headerBytes, contentBytes);
        encodedBytes = headerBytes + contentBytes;
        bool padded = content[0] == 0;
        if (content[0] >= 0x80 || (padded && (content.Length == 1 || content[1] < 0x80)))
            return false;

        magnitude = padded ? content[1..] : content;
        return true;
    }

    // Both without leading zeros, or of equal length.
    private static bool IsAbove(ReadOnlySpan<byte> number, ReadOnlySpan<byte> limit) =>
        number.Length != limit.Length ? number.Length > limit.Length : number.SequenceCompareTo(limit) > 0;

    private static void Subtract(ReadOnlySpan<byte> from, ReadOnlySpan<byte> number, Span<byte> result)
    {
        int borrow = 0;
        for (int i = 1; i <= from.Length; i++)
        {
            int digit = from[^i] - borrow - (i <= number.Length ? number[^i] : 0);
            borrow = digit < 0 ? 1 : 0;
            result[^i] = (byte)(digit & 0xff);
        }
    }

    private static int Write(ReadOnlySpan<byte> r, ReadOnlySpan<byte> s, Span<byte> destination)
    {
        int contentBytes = IntegerBytes(r) + IntegerBytes(s);
        int at = 0;
        destination[at++] = DerTag.Sequence;
        if (contentBytes >= 0x80)
            destination[at++] = 0x81;

        destination[at++] = (byte)contentBytes;
        at = WriteInteger(r, destination, at);
        return WriteInteger(s, destination, at);
    }

    private static int IntegerBytes(ReadOnlySpan<byte> magnitude) => 2 + (magnitude[0] >> 7) + magnitude.Length;

    private static int WriteInteger(ReadOnlySpan<byte> magnitude, Span<byte> destination, int at)
    {
        int pad = magnitude[0] >> 7;
        destination[at++] = DerTag.Integer;
        destination[at++] = (byte)(pad + magnitude.Length);
        if (pad == 1)
            destination[at++] = 0;

        magnitude.CopyTo(destination[at..]);
        return at + magnitude.Length;
    }
}
