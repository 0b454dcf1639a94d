using System.Diagnostics.CodeAnalysis;
using Node.Membership.Keys;

namespace Node.Membership.Certificates;

/// <summary>
/// A certificate revocation list (RFC 5280, section 5). Its dates are ignored, as Fabric ignores them.
/// </summary>
internal sealed class RevocationList
{
    private readonly HashSet<string> _serialNumbers = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> _toBeSigned;
    private ReadOnlyMemory<byte> _signature;
    private SignatureScheme _scheme;

    private RevocationList()
    {
    }

    /// <summary>Key id of the issuer; empty when the list does not say.</summary>
    public ReadOnlyMemory<byte> AuthorityKeyId { get; private set; }

    /// <summary>In hex, in ordinal order.</summary>
    public IEnumerable<string> SerialNumbers => _serialNumbers.Order(StringComparer.Ordinal);

    public bool Contains(ReadOnlySpan<byte> serialNumber) => _serialNumbers.Contains(Convert.ToHexString(serialNumber));

    public bool IsSignedBy(VerificationKey issuer) => issuer.VerifyIssued(_scheme, _toBeSigned.Span, _signature.Span);

    /// <param name="bytes">PEM or DER.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out RevocationList? list,
        [NotNullWhen(false)] out string? fault)
    {
        list = null;
        fault = null;
        if (bytes.Length / 4 * 3 > MembershipLimits.RevocationListBytesMax)
        {
            fault = $"it has {bytes.Length} bytes, more than is read";
            return false;
        }

        if (bytes.Length > 0 && bytes.Span[0] != DerTag.Sequence)
        {
            const int BytesMax = MembershipLimits.RevocationListBytesMax;
            if (!Pem.TryDecode(bytes.Span, Pem.RevocationListLabel, BytesMax, out byte[] der, out fault))
                return false;

            bytes = der;
        }

        var read = new RevocationList();
        if (read.TryReadOuter(bytes))
        {
            list = read;
            fault = null;
            return true;
        }

        fault = "it is not the DER of a revocation list";
        return false;
    }

    private bool TryReadOuter(ReadOnlyMemory<byte> der)
    {
        var file = new DerReader(der);
        if (!file.TryEnter(DerTag.Sequence, out DerReader outer)
            || !file.IsAtEnd
            || !outer.TryRead(DerTag.Sequence, out DerElement toBeSigned)
            || !outer.TryRead(DerTag.Sequence, out DerElement scheme)
            || !outer.TryReadBytesOfBits(out _signature)
            || !outer.IsAtEnd)
            return false;

        var inner = new DerReader(scheme.Content);
        if (!inner.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid))
            return false;

        _scheme = SignatureSchemes.Find(oid.Span);
        _toBeSigned = toBeSigned.Encoded;
        return TryReadToBeSigned(new DerReader(toBeSigned.Content), scheme);
    }

    private bool TryReadToBeSigned(DerReader reader, DerElement outerScheme)
    {
        if (!reader.TryReadOptional(DerTag.Integer, out _, out _)
            || !reader.TryRead(DerTag.Sequence, out DerElement scheme)
            || !scheme.Encoded.Span.SequenceEqual(outerScheme.Encoded.Span)
            || !reader.TryRead(DerTag.Sequence, out _)
            || !DerTime.TryRead(ref reader, out _))
            return false;

        bool hasNextUpdate = reader.NextIs(DerTag.UtcTime) || reader.NextIs(DerTag.GeneralizedTime);
        if (hasNextUpdate && !DerTime.TryRead(ref reader, out _))
            return false;
        if (reader.NextIs(DerTag.Sequence)
            && (!reader.TryEnter(DerTag.Sequence, out DerReader entries) || !TryReadEntries(entries)))
            return false;

        return reader.TryReadOptional(DerTag.Explicit(0), out bool extended, out ReadOnlyMemory<byte> wrapped)
            && reader.IsAtEnd
            && (!extended || TryReadExtensions(wrapped));
    }

    private bool TryReadEntries(DerReader entries)
    {
        while (!entries.IsAtEnd)
        {
            if (!entries.TryEnter(DerTag.Sequence, out DerReader entry)
                || !entry.TryReadContent(DerTag.Integer, out ReadOnlyMemory<byte> serialNumber)
                || !DerTime.TryRead(ref entry, out _))
                return false;

            _serialNumbers.Add(Convert.ToHexString(serialNumber.Span));
        }

        return true;
    }

    private bool TryReadExtensions(ReadOnlyMemory<byte> wrapped)
    {
        var outer = new DerReader(wrapped);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader list) || !outer.IsAtEnd)
            return false;

        while (!list.IsAtEnd)
        {
            if (!list.TryEnter(DerTag.Sequence, out DerReader item)
                || !item.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
                || !item.TryReadFlag(out _)
                || !item.TryReadContent(DerTag.OctetString, out ReadOnlyMemory<byte> value))
                return false;
            if (!oid.Span.SequenceEqual(KnownOid.AuthorityKeyIdentifier))
                continue;
            if (!CertificateExtensions.TryReadKeyId(value, out ReadOnlyMemory<byte> id))
                return false;

            AuthorityKeyId = id;
        }

        return true;
    }
}
