using Node.Membership.Certificates;

namespace Node.Membership.Keys;

/// <summary>A curve whose signatures are accepted, with the numbers that the low-S rule needs.</summary>
/// <remarks>Orders: SEC 2, version 2, sections 2.3 to 2.6. All byte strings are big-endian.</remarks>
internal sealed class EcCurve
{
    public static readonly EcCurve P224 = new(
        "P-224", KnownOid.P224, "FFFFFFFFFFFFFFFFFFFFFFFFFFFF16A2E0B8F03E13DD29455C5C2A3D");

    public static readonly EcCurve P256 = new(
        "P-256", KnownOid.P256, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    public static readonly EcCurve P384 = new(
        "P-384", KnownOid.P384,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");

    public static readonly EcCurve P521 = new(
        "P-521", KnownOid.P521,
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        + "FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409");

    /// <summary>
    /// Longest DER signature over any of these curves: two integers of 66 bytes, padded, and three headers.
    /// </summary>
    public const int SignatureBytesMax = 139;

    /// <summary>r and s of the largest curve, side by side.</summary>
    public const int FixedBytesMax = 2 * 66;

    private readonly byte[] _oid;

    private EcCurve(string name, ReadOnlySpan<byte> oid, string orderHex)
    {
        Name = name;
        _oid = oid.ToArray();
        Order = Convert.FromHexString(orderHex);
        HalfOrder = Halve(Order);
    }

    public string Name { get; }

    /// <summary>The number of points, n.</summary>
    public byte[] Order { get; }

    /// <summary>n / 2 rounded down, without leading zeros: the largest s that is accepted.</summary>
    public byte[] HalfOrder { get; }

    public static EcCurve? Find(ReadOnlySpan<byte> oid)
    {
        foreach (EcCurve curve in (ReadOnlySpan<EcCurve>)[P256, P384, P521, P224])
        {
            if (oid.SequenceEqual(curve._oid))
                return curve;
        }

        return null;
    }

    private static byte[] Halve(byte[] number)
    {
        byte[] half = new byte[number.Length];
        int carry = 0;
        for (int i = 0; i < number.Length; i++)
        {
            half[i] = (byte)((carry << 7) | (number[i] >> 1));
            carry = number[i] & 1;
        }

        return half.AsSpan().TrimStart((byte)0).ToArray();
    }
}
