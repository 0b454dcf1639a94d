using Node.Membership.Keys;

namespace Node.Membership.Certificates;

internal enum SubjectKeyKind
{
    Unknown,
    Ecdsa,
    Ed25519,
    Rsa,
}

/// <summary>A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) taken apart, not yet imported.</summary>
internal sealed class SubjectKey
{
    private SubjectKey(SubjectKeyKind kind, EcCurve? curve, ReadOnlyMemory<byte> encoded, ReadOnlyMemory<byte> keyBits)
    {
        Kind = kind;
        Curve = curve;
        SubjectPublicKeyInfo = encoded;
        KeyBits = keyBits;
    }

    public SubjectKeyKind Kind { get; }

    public EcCurve? Curve { get; }

    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>The content of the BIT STRING: a point, or the 32 bytes of an Ed25519 key.</summary>
    public ReadOnlyMemory<byte> KeyBits { get; }

    /// <summary>Keys of a kind we do not know are read too, and refused where they would be used.</summary>
    public static bool TryRead(DerElement element, out SubjectKey? key)
    {
        key = null;
        var outer = new DerReader(element.Content);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader algorithm)
            || !algorithm.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
            || !outer.TryReadBytesOfBits(out ReadOnlyMemory<byte> bits)
            || !outer.IsAtEnd)
            return false;

        SubjectKeyKind kind = KindOf(oid.Span);
        EcCurve? curve = null;
        if (kind == SubjectKeyKind.Ecdsa)
        {
            // A curve by its numbers instead of its name is not accepted: its order would have to be trusted.
            curve = algorithm.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> named)
                ? EcCurve.Find(named.Span)
                : null;
            if (curve is null)
                kind = SubjectKeyKind.Unknown;
        }

        key = new SubjectKey(kind, curve, element.Encoded, bits);
        return true;
    }

    public string Describe() => Kind == SubjectKeyKind.Ecdsa ? $"ECDSA {Curve?.Name}" : Kind.ToString();

    private static SubjectKeyKind KindOf(ReadOnlySpan<byte> oid)
    {
        if (oid.SequenceEqual(KnownOid.EcPublicKey))
            return SubjectKeyKind.Ecdsa;
        if (oid.SequenceEqual(KnownOid.Ed25519))
            return SubjectKeyKind.Ed25519;

        return oid.SequenceEqual(KnownOid.RsaEncryption) ? SubjectKeyKind.Rsa : SubjectKeyKind.Unknown;
    }
}
