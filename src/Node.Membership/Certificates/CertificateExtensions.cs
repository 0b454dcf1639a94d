using System.Diagnostics.CodeAnalysis;

namespace Node.Membership.Certificates;

/// <summary>The extensions of a certificate that decide what it may be used for (RFC 5280, 4.2.1).</summary>
internal sealed class CertificateExtensions
{
    private const int CertificateSigning = 5;   // Bit numbers of KeyUsage.
    private const int ListSigning = 6;

    public static readonly CertificateExtensions None = new();

    private CertificateExtensions()
    {
    }

    public bool IsAuthority { get; private set; }

    /// <summary>Most intermediates below this authority; null for any number.</summary>
    public int? PathLength { get; private set; }

    public bool MaySignCertificates { get; private set; } = true;

    public bool MaySignLists { get; private set; } = true;

    /// <summary>True without extended key usage, or when it includes server authentication or any purpose.</summary>
    public bool AllowsServerAuthentication { get; private set; } = true;

    public ReadOnlyMemory<byte> SubjectKeyId { get; private set; }

    public ReadOnlyMemory<byte> AuthorityKeyId { get; private set; }

    public bool HasNameConstraints { get; private set; }

    /// <summary>A critical extension that we do not understand: whoever must not ignore it must refuse.</summary>
    public bool HasUnknownCritical { get; private set; }

    /// <summary>Fabric's attributes as JSON text; empty when there are none.</summary>
    public ReadOnlyMemory<byte> AttributesJson { get; private set; }

    /// <param name="wrapped">The content of the [3] element.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> wrapped,
        [NotNullWhen(true)] out CertificateExtensions? extensions,
        [NotNullWhen(false)] out string? fault)
    {
        extensions = null;
        fault = "its extensions are malformed";
        var outer = new DerReader(wrapped);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader list) || !outer.IsAtEnd)
            return false;

        var read = new CertificateExtensions();
        var seen = new List<ReadOnlyMemory<byte>>();
        while (!list.IsAtEnd)
        {
            if (!list.TryEnter(DerTag.Sequence, out DerReader item)
                || !item.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> oid)
                || !item.TryReadFlag(out bool critical)
                || !item.TryReadContent(DerTag.OctetString, out ReadOnlyMemory<byte> value)
                || !item.IsAtEnd)
                return false;
            if (seen.Count == MembershipLimits.ExtensionsMax || Contains(seen, oid))
            {
                fault = $"it has an extension twice, or more than {MembershipLimits.ExtensionsMax}";
                return false;
            }

            seen.Add(oid);
            if (!read.TryReadValue(oid.Span, critical, value))
                return false;
        }

        extensions = read;
        fault = null;
        return true;
    }

    private bool TryReadValue(ReadOnlySpan<byte> oid, bool critical, ReadOnlyMemory<byte> value)
    {
        if (oid.SequenceEqual(KnownOid.BasicConstraints))
            return TryReadBasicConstraints(value);
        if (oid.SequenceEqual(KnownOid.KeyUsage))
            return TryReadKeyUsage(value);
        if (oid.SequenceEqual(KnownOid.ExtendedKeyUsage))
            return TryReadExtendedKeyUsage(value);
        if (oid.SequenceEqual(KnownOid.SubjectKeyIdentifier))
            return TryReadSubjectKeyId(value);
        if (oid.SequenceEqual(KnownOid.AuthorityKeyIdentifier))
            return TryReadAuthorityKeyId(value);

        if (oid.SequenceEqual(KnownOid.IdentityAttributes))
            AttributesJson = value;
        else if (oid.SequenceEqual(KnownOid.NameConstraints))
            HasNameConstraints = true;
        else if (!oid.SequenceEqual(KnownOid.SubjectAlternativeName)
            && !oid.SequenceEqual(KnownOid.CertificatePolicies))
            HasUnknownCritical |= critical;

        return true;
    }

    private bool TryReadBasicConstraints(ReadOnlyMemory<byte> value)
    {
        var outer = new DerReader(value);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader reader)
            || !outer.IsAtEnd
            || !reader.TryReadFlag(out bool authority))
            return false;

        IsAuthority = authority;
        if (reader.IsAtEnd)
            return true;
        if (!reader.TryReadContent(DerTag.Integer, out ReadOnlyMemory<byte> length)
            || !reader.IsAtEnd
            || length.Length != 1
            || length.Span[0] > 127)
            return false;

        PathLength = length.Span[0];
        return true;
    }

    private bool TryReadKeyUsage(ReadOnlyMemory<byte> value)
    {
        var reader = new DerReader(value);
        if (!reader.TryReadContent(DerTag.BitString, out ReadOnlyMemory<byte> bits)
            || !reader.IsAtEnd
            || bits.Length is < 1 or > 3
            || bits.Span[0] > 7)
            return false;

        int first = bits.Length > 1 ? bits.Span[1] : 0;
        MaySignCertificates = (first & (0x80 >> CertificateSigning)) != 0;
        MaySignLists = (first & (0x80 >> ListSigning)) != 0;
        return true;
    }

    private bool TryReadExtendedKeyUsage(ReadOnlyMemory<byte> value)
    {
        var outer = new DerReader(value);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader purposes) || !outer.IsAtEnd || purposes.IsAtEnd)
            return false;

        AllowsServerAuthentication = false;
        while (!purposes.IsAtEnd)
        {
            if (!purposes.TryReadContent(DerTag.ObjectIdentifier, out ReadOnlyMemory<byte> purpose))
                return false;

            AllowsServerAuthentication |= purpose.Span.SequenceEqual(KnownOid.ServerAuthentication)
                || purpose.Span.SequenceEqual(KnownOid.AnyExtendedKeyUsage);
        }

        return true;
    }

    private bool TryReadSubjectKeyId(ReadOnlyMemory<byte> value)
    {
        var reader = new DerReader(value);
        if (!reader.TryReadContent(DerTag.OctetString, out ReadOnlyMemory<byte> id) || !reader.IsAtEnd)
            return false;

        SubjectKeyId = id;
        return true;
    }

    private bool TryReadAuthorityKeyId(ReadOnlyMemory<byte> value)
    {
        if (!TryReadKeyId(value, out ReadOnlyMemory<byte> id))
            return false;

        AuthorityKeyId = id;
        return true;
    }

    /// <summary>The key id of an AuthorityKeyIdentifier; empty when it names its issuer in another way.</summary>
    public static bool TryReadKeyId(ReadOnlyMemory<byte> value, out ReadOnlyMemory<byte> id)
    {
        id = default;
        var outer = new DerReader(value);
        return outer.TryEnter(DerTag.Sequence, out DerReader reader)
            && outer.IsAtEnd
            && reader.TryReadOptional(DerTag.Implicit(0), out _, out id);
    }

    private static bool Contains(List<ReadOnlyMemory<byte>> seen, ReadOnlyMemory<byte> oid)
    {
        foreach (ReadOnlyMemory<byte> other in seen)
        {
            if (other.Span.SequenceEqual(oid.Span))
                return true;
        }

        return false;
    }
}
