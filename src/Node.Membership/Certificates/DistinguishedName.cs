using System.Text;

namespace Node.Membership.Certificates;

/// <summary>What is read of a subject: its common name and its organisational units, each value on its own.</summary>
/// <param name="CommonName">The last one when there are several, as Go reads it; empty when there is none.</param>
/// <param name="OrganizationalUnits">
/// In the order of the certificate, duplicates kept: they count (two roles are none).
/// </param>
internal sealed record DistinguishedName(string CommonName, IReadOnlyList<string> OrganizationalUnits)
{
    public static bool TryRead(ReadOnlyMemory<byte> content, out DistinguishedName name)
    {
        name = new DistinguishedName("", []);
        string commonName = "";
        var units = new List<string>();
        int count = 0;
        var sets = new DerReader(content);
        while (!sets.IsAtEnd)
        {
            if (!sets.TryEnter(DerTag.Set, out DerReader set) || set.IsAtEnd)
                return false;

            while (!set.IsAtEnd)
            {
                if (++count > MembershipLimits.SubjectNamesMax
                    || !TryReadAttribute(ref set, out ReadOnlyMemory<byte> oid, out string value))
                    return false;
                if (oid.Span.SequenceEqual(KnownOid.CommonName))
                    commonName = value;
                else if (oid.Span.SequenceEqual(KnownOid.OrganizationalUnit))
                    units.Add(value);
            }
        }

        name = new DistinguishedName(commonName, units);
        return true;
    }

    private static bool TryReadAttribute(ref DerReader set, out ReadOnlyMemory<byte> oid, out string value)
    {
        oid = default;
        value = "";
        if (!set.TryEnter(DerTag.Sequence, out DerReader attribute)
            || !attribute.TryReadContent(DerTag.ObjectIdentifier, out oid)
            || !attribute.TryRead(out DerElement text)
            || !attribute.IsAtEnd)
            return false;

        value = text.Tag == DerTag.BmpString
            ? Encoding.BigEndianUnicode.GetString(text.Content.Span)
            : Encoding.UTF8.GetString(text.Content.Span);
        return true;
    }
}
