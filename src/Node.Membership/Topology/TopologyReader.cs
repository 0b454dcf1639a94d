using System.Diagnostics.CodeAnalysis;
using System.Net;
using Node.Membership.Channels;
using Node.Protocol;

namespace Node.Membership.Topology;

/// <summary>
/// Reads network.yaml strictly, and checks what no single field shows: duplicates and dangling names.
/// </summary>
internal sealed class TopologyReader
{
    private const int PortMax = ushort.MaxValue;
    private const int UsersMax = 10_000;
    private static readonly string[] s_policyNames =
        ["Readers", "Writers", "Admins", "Endorsement", "LifecycleEndorsement"];


    // What has been seen, to name the second use: port to owner, domain, MSP id and group name.
    private readonly Dictionary<int, string> _ports = [];
    private readonly HashSet<string> _domains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<MspId> _mspIds = [];
    private readonly HashSet<MspId> _peerMspIds = [];

    public static bool TryRead(
        YamlMap root, [NotNullWhen(true)] out NetworkTopology? topology, [NotNullWhen(false)] out string? fault)
    {
        NetworkTopology read = new TopologyReader().Read(root);
        bool valid = !root.Faults.Any;
        topology = valid ? read : null;
        fault = valid ? null : root.Faults.ToString();
        return valid;
    }

    private NetworkTopology Read(YamlMap root)
    {
        string host = root.OptionalText("host", "localhost");
        string listenAddress = root.OptionalText("listenAddress", "127.0.0.1");
        if (!IPAddress.TryParse(listenAddress, out _))
            root.Refuse("listenAddress", $"is '{listenAddress}', expected an IP address such as 127.0.0.1 or 0.0.0.0");
        if (!KeyTypeNames.TryParse(root.OptionalText("keyType", "p256"), out KeyType keyType))
            root.Refuse("keyType", "must be p256 or ed25519");

        int restPort = Port(root, "restPort", 8080, "the REST API");
        List<OrganizationTopology> orderers =
            [.. root.MapList("ordererOrganizations").Select(org => ReadOrganization(org, "orderers", isOrderer: true))];
        List<OrganizationTopology> peers =
            [.. root.MapList("organizations").Select(org => ReadOrganization(org, "peers", isOrderer: false))];
        List<ChannelTopology> channels = [.. root.MapList("channels").Select(ReadChannel)];
        if (!orderers.Exists(org => org.Nodes.Count > 0))
            root.Refuse("ordererOrganizations", "must name at least one orderer");
        if (peers.Count == 0)
            root.Refuse("organizations", "must name at least one organisation");
        if (channels.Select(channel => channel.Id).Distinct().Count() != channels.Count)
            root.Refuse("channels", "names a channel more than once");

        root.RequireNothingElse();
        return new NetworkTopology
        {
            Host = host,
            ListenAddress = listenAddress,
            KeyType = keyType,
            RestPort = restPort,
            OrdererOrganizations = orderers,
            Organizations = peers,
            Channels = channels,
        };
    }

    private OrganizationTopology ReadOrganization(YamlMap map, string nodesField, bool isOrderer)
    {
        string name = map.Text("name");
        string domain = map.Text("domain");
        if (ConfigForm.FaultOfKey(name) is { } unfit)
            map.Refuse("name", unfit);
        if (!_names.Add($"{isOrderer} {name}"))
            map.Refuse("name", $"'{name}' is used by another organisation");
        if (Uri.CheckHostName(domain) != UriHostNameType.Dns)
            map.Refuse("domain", $"is '{domain}', which is no domain name");
        else if (!_domains.Add(domain))
            map.Refuse("domain", $"'{domain}' is used by another organisation");

        if (!MspId.TryParse(map.Text("mspId"), out MspId mspId, out string? fault))
            map.Refuse("mspId", fault);
        else if (!_mspIds.Add(mspId))
            map.Refuse("mspId", $"'{mspId}' is used by another organisation");

        if (!isOrderer)
            _peerMspIds.Add(mspId);

        int users = map.Number("users", defaultValue: 1, min: 0, UsersMax);
        int caPort = map.Has("caPort") ? Port(map, "caPort", 0, $"the CA of {name}") : 0;
        List<NodeTopology> nodes = [.. map.MapList(nodesField).Select(node => ReadNode(node, domain, isOrderer))];
        if (nodes.Select(node => node.ShortName).Distinct(StringComparer.Ordinal).Count() != nodes.Count)
            map.Refuse(nodesField, "uses a name more than once");
        if (isOrderer)
            RequireOneKindOfLog(map, nodesField, nodes);

        map.RequireNothingElse();
        return new OrganizationTopology
        {
            Name = name,
            MspId = mspId,
            Domain = domain,
            UserCount = users,
            CaPort = caPort,
            Nodes = nodes,
        };
    }

    // Orderers that do not share a log would make a chain each.
    private static void RequireOneKindOfLog(YamlMap map, string nodesField, List<NodeTopology> nodes)
    {
        int shared = nodes.Count(node => node.EtcdClientPort != 0 && node.EtcdPeerPort != 0);
        if (shared != nodes.Count && (shared > 0 || nodes.Count > 1))
            map.Refuse(nodesField, "must all have an etcdClientPort and an etcdPeerPort when there are several");
    }

    private NodeTopology ReadNode(YamlMap map, string domain, bool isOrderer)
    {
        string shortName = map.Text("name");
        string name = $"{shortName}.{domain}";
        if (Uri.CheckHostName(shortName) != UriHostNameType.Dns)
            map.Refuse("name", $"is '{shortName}', which is no host name");
        if (!map.Has("port"))
            map.Refuse("port", "is missing");

        int port = Port(map, "port", 0, name);
        int operationsPort = OptionalPort(map, "operationsPort", $"the operations of {name}");
        int etcdClientPort = isOrderer ? OptionalPort(map, "etcdClientPort", $"the etcd member of {name}") : 0;
        int etcdPeerPort = isOrderer ? OptionalPort(map, "etcdPeerPort", $"the etcd member of {name}") : 0;
        map.RequireNothingElse();
        return new NodeTopology
        {
            ShortName = shortName,
            Name = name,
            Port = port,
            OperationsPort = operationsPort,
            EtcdClientPort = etcdClientPort,
            EtcdPeerPort = etcdPeerPort,
        };
    }

    private int OptionalPort(YamlMap map, string field, string owner) =>
        map.Has(field) ? Port(map, field, 0, owner) : 0;

    private int Port(YamlMap map, string field, int defaultValue, string owner)
    {
        int port = map.Number(field, defaultValue, min: 1, PortMax);
        if (port != 0 && !_ports.TryAdd(port, owner))
            map.Refuse(field, $"is {port}, which {_ports[port]} uses already");

        return port;
    }

    private ChannelTopology ReadChannel(YamlMap map)
    {
        if (!ChannelId.TryParse(map.Text("name"), out ChannelId id, out string? fault))
            map.Refuse("name", $"is not acceptable: {fault}");

        var organizations = new List<MspId>();
        foreach (string text in map.TextList("organizations"))
        {
            if (!MspId.TryParse(text, out MspId mspId, out _) || !_peerMspIds.Contains(mspId))
                map.Refuse("organizations", $"names '{text}', which is the mspId of no organisation above");
            else if (organizations.Contains(mspId))
                map.Refuse("organizations", $"names '{text}' twice");
            else
                organizations.Add(mspId);
        }

        if (organizations.Count == 0)
            map.Refuse("organizations", "must name at least one organisation");

        List<ContractTopology> contracts = [.. map.MapList("contracts").Select(ReadContract)];
        if (contracts.Select(contract => contract.Name).Distinct(StringComparer.Ordinal).Count() != contracts.Count)
            map.Refuse("contracts", "names a contract more than once");

        Dictionary<string, string> policies = ReadPolicies(map.OptionalMap("policies"));
        BatchTopology batch = ReadBatch(map.OptionalMap("limits"));
        map.RequireNothingElse();
        return new ChannelTopology(id, organizations, contracts, policies, batch);
    }

    private static ContractTopology ReadContract(YamlMap map)
    {
        string name = map.Text("name");
        string version = map.OptionalText("version", "1.0");
        string policy = map.Text("policy");
        if (!SignaturePolicy.TryParse(policy, out _, out PolicySyntaxFault? fault))
            map.Refuse("policy", $"is no policy: {fault.Message}");
        if (name.Length is 0 or > Limits.NamespaceBytesMax
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            map.Refuse("name", $"is '{name}', expected letters, digits, '-' and '_'");

        map.RequireNothingElse();
        return new ContractTopology { Name = name, Version = version, Policy = policy };
    }

    private static Dictionary<string, string> ReadPolicies(YamlMap? map)
    {
        var policies = new Dictionary<string, string>(StringComparer.Ordinal);
        if (map is null)
            return policies;

        foreach (string name in s_policyNames)
        {
            string text = map.OptionalText(name, defaultValue: "");
            if (text.Length == 0)
                continue;
            if (!ConfigPolicies.TryParse(text, out _, out string? fault))
                map.Refuse(name, $"is no policy: {fault}");

            policies[name] = text;
        }

        map.RequireNothingElse();
        return policies;
    }

    private static BatchTopology ReadBatch(YamlMap? map)
    {
        BatchTopology standard = BatchTopology.Default;
        if (map is null)
            return standard;

        int count = map.Number("maxMessageCount", standard.MaxMessageCount, min: 1, Limits.BlockEnvelopesMax);
        int absolute = map.Number("absoluteMaxBytes", standard.AbsoluteMaxBytes, min: 1, Limits.EnvelopeBytesMax);
        int preferred = map.Number("preferredMaxBytes", standard.PreferredMaxBytes, min: 1, Limits.EnvelopeBytesMax);
        if (preferred > absolute)
            map.Refuse("preferredMaxBytes", $"is {preferred}, more than absoluteMaxBytes, {absolute}");

        string text = map.OptionalText("batchTimeout", GoDuration.Format(standard.Timeout));
        if (!GoDuration.TryParse(text, out TimeSpan timeout) || timeout < TimeSpan.FromMilliseconds(1))
            map.Refuse("batchTimeout", $"is '{text}', expected a duration such as 2s or 250ms");

        map.RequireNothingElse();
        return new BatchTopology
        {
            MaxMessageCount = count,
            PreferredMaxBytes = preferred,
            AbsoluteMaxBytes = absolute,
            Timeout = timeout,
        };
    }
}
