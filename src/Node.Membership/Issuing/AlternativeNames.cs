using System.Net;
using System.Text;
using Node.Membership.Certificates;

namespace Node.Membership.Issuing;

/// <summary>The further names of a certificate's subject (RFC 5280, 4.2.1.6), each kind on its own.</summary>
public sealed record AlternativeNames
{
    private const int NamesMax = 64;
    private const int NameCharsMax = 255;

    public static AlternativeNames None { get; } = new();

    public IReadOnlyList<string> DnsNames { get; init; } = [];

    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    public IReadOnlyList<string> EmailAddresses { get; init; } = [];

    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>As the names that a client lists in one row: told apart by their look.</summary>
    public static bool TryParse(IReadOnlyList<string> hosts, out AlternativeNames names, out string fault)
    {
        names = None;
        fault = "";
        var dns = new List<string>();
        var addresses = new List<IPAddress>();
        var emails = new List<string>();
        var uris = new List<string>();
        foreach (string host in hosts)
        {
            if (FaultOf(host, dns.Count + addresses.Count + emails.Count + uris.Count) is { } wrong)
            {
                fault = wrong;
                return false;
            }

            if (IPAddress.TryParse(host, out IPAddress? address))
                addresses.Add(address);
            else if (host.Contains("://", StringComparison.Ordinal))
                uris.Add(host);
            else if (host.Contains('@', StringComparison.Ordinal))
                emails.Add(host);
            else
                dns.Add(host);
        }

        names = new AlternativeNames { DnsNames = dns, Addresses = addresses, EmailAddresses = emails, Uris = uris };
        return true;
    }

    /// <param name="value">DER of GeneralNames. Kinds other than these four are passed over.</param>
    internal static bool TryRead(ReadOnlyMemory<byte> value, out AlternativeNames names, out string fault)
    {
        names = None;
        fault = "its alternative names are malformed";
        var outer = new DerReader(value);
        if (!outer.TryEnter(DerTag.Sequence, out DerReader list) || !outer.IsAtEnd)
            return false;

        var texts = new List<string>();
        while (!list.IsAtEnd)
        {
            if (!list.TryRead(out DerElement name))
                return false;
            if (name.Tag == DerTag.Implicit(7))
            {
                if (name.Content.Length is not (4 or 16))
                    return false;

                texts.Add(new IPAddress(name.Content.Span).ToString());
            }
            else if (name.Tag == DerTag.Implicit(1) || name.Tag == DerTag.Implicit(2) || name.Tag == DerTag.Implicit(6))
            {
                texts.Add(Encoding.Latin1.GetString(name.Content.Span));
            }
        }

        return TryParse(texts, out names, out fault);
    }

    private static string? FaultOf(string name, int before)
    {
        if (before >= NamesMax)
            return $"it has more than {NamesMax} alternative names";
        if (name.Length is 0 or > NameCharsMax)
            return $"an alternative name has {name.Length} characters, it must have 1 to {NameCharsMax}";

        return name.All(c => c is > ' ' and < '\x7f') ? null : "an alternative name holds characters beyond ASCII";
    }
}
