using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Membership.Topology;

namespace Node.Membership.Material;

/// <summary>One node or CA as crypto-config.yaml specifies it, with its templates filled in.</summary>
public sealed record NodeSpec
{
    /// <summary>As "peer0".</summary>
    public required string Hostname { get; init; }

    /// <summary>As "peer0.org1.example.com"; names its folder.</summary>
    public required string CommonName { get; init; }

    public string Country { get; init; } = "US";

    public string Province { get; init; } = "California";

    public string Locality { get; init; } = "San Francisco";

    public string OrganizationalUnit { get; init; } = "";

    public string StreetAddress { get; init; } = "";

    public string PostalCode { get; init; } = "";

    /// <summary>Further names and addresses for the TLS certificate.</summary>
    public IReadOnlyList<string> Sans { get; init; } = [];
}

/// <summary>One organisation of crypto-config.yaml.</summary>
public sealed record OrganizationSpec
{
    public required string Name { get; init; }

    public required string Domain { get; init; }

    /// <summary>Certificates carry the role of their owner as an organisational unit.</summary>
    public required bool EnableNodeOus { get; init; }

    public required NodeSpec Ca { get; init; }

    /// <summary>Peers, or for an orderer organisation orderers.</summary>
    public required IReadOnlyList<NodeSpec> Nodes { get; init; }

    /// <summary>Users beside Admin: User1, User2, …</summary>
    public required int UserCount { get; init; }
}

/// <summary>Input of the material generator, in the language of cryptogen's crypto-config.yaml.</summary>
public sealed record CryptoConfig(
    IReadOnlyList<OrganizationSpec> OrdererOrganizations, IReadOnlyList<OrganizationSpec> PeerOrganizations)
{
    private const int NodesMax = 1000;
    private const string DefaultCommonName = "{{.Hostname}}.{{.Domain}}";

    /// <param name="fault">One line per fault: file, line, field, what is wrong.</param>
    public static bool TryLoad(
        string path, [NotNullWhen(true)] out CryptoConfig? config, [NotNullWhen(false)] out string? fault)
    {
        config = null;
        return YamlMap.TryLoad(path, out YamlMap? root, out fault) && TryRead(root, out config, out fault);
    }

    /// <inheritdoc cref="TryLoad"/>
    /// <param name="name">Of the file, for messages.</param>
    public static bool TryParse(
        string name, string yaml, [NotNullWhen(true)] out CryptoConfig? config, [NotNullWhen(false)] out string? fault)
    {
        config = null;
        return YamlMap.TryParse(name, yaml, out YamlMap? root, out fault) && TryRead(root, out config, out fault);
    }

    private static bool TryRead(
        YamlMap root, [NotNullWhen(true)] out CryptoConfig? config, [NotNullWhen(false)] out string? fault)
    {
        // Orderers are named by Specs, peers by Template; both are accepted for both, as in cryptogen.
        var read = new CryptoConfig(
            [.. root.MapList("OrdererOrgs").Select(org => ReadOrganization(org, "orderer{{.Index}}"))],
            [.. root.MapList("PeerOrgs").Select(org => ReadOrganization(org, "peer{{.Index}}"))]);
        root.RequireNothingElse();
        RequireDistinct(root, "OrdererOrgs", read.OrdererOrganizations);
        RequireDistinct(root, "PeerOrgs", read.PeerOrganizations);

        bool valid = !root.Faults.Any;
        config = valid ? read : null;
        fault = valid ? null : root.Faults.ToString();
        return valid;
    }

    private static void RequireDistinct(YamlMap root, string list, IReadOnlyList<OrganizationSpec> organizations)
    {
        foreach (string domain in Repeated(organizations.Select(organization => organization.Domain)))
            root.Refuse(list, $"holds the domain {domain} more than once");
    }

    private static OrganizationSpec ReadOrganization(YamlMap map, string hostnameTemplate)
    {
        string name = map.Text("Name");
        string domain = map.Text("Domain");
        if (!IsHostname(domain))
            map.Refuse("Domain", $"is '{domain}', which is no domain name");

        bool nodeOus = map.Flag("EnableNodeOUs", defaultValue: false);
        YamlMap? caMap = map.OptionalMap("CA");
        NodeSpec ca = caMap is null
            ? new NodeSpec { Hostname = "ca", CommonName = $"ca.{domain}" }
            : ReadNode(caMap, domain, defaultHostname: "ca");
        var nodes = new List<NodeSpec>(ReadTemplate(map.OptionalMap("Template"), domain, hostnameTemplate));
        nodes.AddRange(map.MapList("Specs").Select(spec => ReadNode(spec, domain, defaultHostname: "")));

        YamlMap? users = map.OptionalMap("Users");
        int userCount = users?.Number("Count", defaultValue: 0, min: 0, NodesMax) ?? 0;
        users?.RequireNothingElse();
        map.RequireNothingElse();

        foreach (string node in Repeated(nodes.Select(node => node.CommonName)))
            map.Refuse("Specs", $"and Template name the node {node} more than once");

        return new OrganizationSpec
        {
            Name = name,
            Domain = domain,
            EnableNodeOus = nodeOus,
            Ca = ca,
            Nodes = nodes,
            UserCount = userCount,
        };
    }

    private static IEnumerable<string> Repeated(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key);

    private static List<NodeSpec> ReadTemplate(YamlMap? template, string domain, string defaultHostname)
    {
        if (template is null)
            return [];

        int count = template.Number("Count", defaultValue: 0, min: 0, NodesMax);
        int start = template.Number("Start", defaultValue: 0, min: 0, NodesMax);
        string hostname = template.OptionalText("Hostname", defaultHostname);
        IReadOnlyList<string> sans = template.TextList("SANS");
        template.RequireNothingElse();
        return Enumerable.Range(start, count).Select(index =>
        {
            string host = hostname.Replace(
                "{{.Index}}", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            string commonName = Fill(DefaultCommonName, host, domain, commonName: "");
            return new NodeSpec
            {
                Hostname = host,
                CommonName = commonName,
                Sans = [.. sans.Select(san => Fill(san, host, domain, commonName))],
            };
        }).ToList();
    }

    private static NodeSpec ReadNode(YamlMap map, string domain, string defaultHostname)
    {
        string hostname = defaultHostname.Length > 0
            ? map.OptionalText("Hostname", defaultHostname)
            : map.Text("Hostname");
        string commonName = Fill(map.OptionalText("CommonName", DefaultCommonName), hostname, domain, commonName: "");
        if (!IsHostname(commonName))
        {
            string field = map.Has("CommonName") ? "CommonName" : "Hostname";
            map.Refuse(field, $"gives '{commonName}', which is no host name");
        }

        var spec = new NodeSpec
        {
            Hostname = hostname,
            CommonName = commonName,
            Country = map.OptionalText("Country", "US"),
            Province = map.OptionalText("Province", "California"),
            Locality = map.OptionalText("Locality", "San Francisco"),
            OrganizationalUnit = map.OptionalText("OrganizationalUnit", ""),
            StreetAddress = map.OptionalText("StreetAddress", ""),
            PostalCode = map.OptionalText("PostalCode", ""),
            Sans = [.. map.TextList("SANS").Select(san => Fill(san, hostname, domain, commonName))],
        };
        if (spec.Country.Length != 2 || !spec.Country.All(char.IsAsciiLetter))
            map.Refuse("Country", "must be a code of two letters");

        map.RequireNothingElse();
        return spec;
    }

    // cryptogen's templates are Go templates; these are the variables it offers.
    private static string Fill(string template, string hostname, string domain, string commonName) =>
        template.Replace(" ", "", StringComparison.Ordinal)
            .Replace("{{.Hostname}}", hostname, StringComparison.Ordinal)
            .Replace("{{.Domain}}", domain, StringComparison.Ordinal)
            .Replace("{{.CommonName}}", commonName, StringComparison.Ordinal);

    // Names become folders, so nothing but host names is let through.
    private static bool IsHostname(string name) =>
        name.Length is > 0 and <= 253
        && !name.StartsWith('.')
        && !name.Contains("..", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
