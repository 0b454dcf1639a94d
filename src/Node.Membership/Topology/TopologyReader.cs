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

    // What has been seen, to name the second use: port of a machine to owner, domain, MSP id and group name.
    private readonly Dictionary<(string Machine, int Port), string> _ports = [];
    private readonly HashSet<string> _domains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<MspId> _mspIds = [];
    private readonly HashSet<MspId> _peerMspIds = [];
    private readonly List<(YamlMap Map, string Field, string Host)> _hosts = [];
    private HostPlace _everywhere = new("localhost", "127.0.0.1");

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
        _everywhere = new HostPlace(host, listenAddress);
        if (!IPAddress.TryParse(listenAddress, out _))
            root.Refuse("listenAddress", $"is '{listenAddress}', expected an IP address such as 127.0.0.1 or 0.0.0.0");
        if (!KeyTypeNames.TryParse(root.OptionalText("keyType", "p256"), out KeyType keyType))
            root.Refuse("keyType", "must be p256 or ed25519");

        bool insecure = root.Flag("insecure", defaultValue: false);
        int restPort = Port(root, "restPort", 8080, "the REST API", host);
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

        RequireOneKindOfLog(root, orderers);
        RequireHostsThatOthersReach();
        root.RequireNothingElse();
        return new NetworkTopology
        {
            Host = host,
            ListenAddress = listenAddress,
            Insecure = insecure,
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
        HostPlace caPlace = ReadPlace(map, "caHost", "caListen");
        string caHost = caPlace.MachineOr(_everywhere);
        int caPort = OptionalPort(map, "caPort", $"the CA of {name}", caHost);
        int caOperationsPort = OptionalPort(map, "caOperationsPort", $"the operations of the CA of {name}", caHost);
        if (caPort != 0)
            _hosts.Add((map, "caHost", caHost));
        List<NodeTopology> nodes = [.. map.MapList(nodesField).Select(node => ReadNode(node, domain, isOrderer))];
        if (nodes.Select(node => node.ShortName).Distinct(StringComparer.Ordinal).Count() != nodes.Count)
            map.Refuse(nodesField, "uses a name more than once");
        map.RequireNothingElse();
        return new OrganizationTopology
        {
            Name = name,
            MspId = mspId,
            Domain = domain,
            UserCount = users,
            CaPort = caPort,
            CaHost = caPlace.Host,
            CaListen = caPlace.Listen,
            CaOperationsPort = caOperationsPort,
            Nodes = nodes,
        };
    }

    // Orderers that do not share a log would make a chain each.
    private static void RequireOneKindOfLog(YamlMap root, List<OrganizationTopology> organizations)
    {
        NodeTopology[] nodes = [.. organizations.SelectMany(organization => organization.Nodes)];
        int shared = nodes.Count(node => node.EtcdClientPort != 0 && node.EtcdPeerPort != 0);
        if (shared != nodes.Length && (shared > 0 || nodes.Length > 1))
            root.Refuse(
                "ordererOrganizations",
                "has several orderers: all of them must have an etcdClientPort and an etcdPeerPort");
    }

    // A node that others would dial on their own machine is reached by nobody.
    private void RequireHostsThatOthersReach()
    {
        if (_hosts.Select(place => place.Host).FirstOrDefault(host => !HostPlace.IsLoopback(host)) is not { } other)
            return;

        foreach ((YamlMap map, string field, string host) in _hosts.Where(place => HostPlace.IsLoopback(place.Host)))
            map.Refuse(field, $"is '{host}', which every machine takes for itself, while others are on {other}");
    }

    private HostPlace ReadPlace(YamlMap map, string hostField, string listenField)
    {
        string? host = map.Has(hostField) ? map.Text(hostField) : null;
        string? listen = map.Has(listenField) ? map.Text(listenField) : null;
        if (host is not null && Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
            map.Refuse(hostField, $"is '{host}', expected a DNS name or an IPv4 address that others can dial");
        if (listen is not null && !IPAddress.TryParse(listen, out _))
            map.Refuse(listenField, $"is '{listen}', expected an IP address such as 10.0.0.7 or 0.0.0.0");
        if (host is not null && !HostPlace.IsLoopback(host)
            && listen is null && HostPlace.IsLoopback(_everywhere.Listen!))
            map.Refuse(
                hostField,
                $"is '{host}', but it would listen on {_everywhere.Listen}, where no other machine reaches it: set " +
                $"listenAddress to 0.0.0.0, or {listenField} to an address of that machine");

        return new HostPlace(host, listen);
    }

    private NodeTopology ReadNode(YamlMap map, string domain, bool isOrderer)
    {
        string shortName = map.Text("name");
        string name = $"{shortName}.{domain}";
        if (Uri.CheckHostName(shortName) != UriHostNameType.Dns)
            map.Refuse("name", $"is '{shortName}', which is no host name");
        if (!map.Has("port"))
            map.Refuse("port", "is missing");

        HostPlace place = ReadPlace(map, "host", "listen");
        string host = place.MachineOr(_everywhere);
        _hosts.Add((map, "host", host));
        int port = Port(map, "port", 0, name, host);
        int operationsPort = OptionalPort(map, "operationsPort", $"the operations of {name}", host);
        int adminPort = isOrderer ? OptionalPort(map, "adminPort", $"the administration of {name}", host) : 0;
        int etcdClientPort = isOrderer ? OptionalPort(map, "etcdClientPort", $"the etcd member of {name}", host) : 0;
        int etcdPeerPort = isOrderer ? OptionalPort(map, "etcdPeerPort", $"the etcd member of {name}", host) : 0;
        if (etcdClientPort != 0 && (place.Listen ?? _everywhere.Listen)!.Contains(':', StringComparison.Ordinal))
            map.Refuse("listen", "is an IPv6 address, which etcd members do not listen on here: name an IPv4 address");

        map.RequireNothingElse();
        return new NodeTopology
        {
            ShortName = shortName,
            Name = name,
            Port = port,
            Host = place.Host,
            Listen = place.Listen,
            OperationsPort = operationsPort,
            AdminPort = adminPort,
            EtcdClientPort = etcdClientPort,
            EtcdPeerPort = etcdPeerPort,
        };
    }

    private int OptionalPort(YamlMap map, string field, string owner, string host) =>
        map.Has(field) ? Port(map, field, 0, owner, host) : 0;

    private int Port(YamlMap map, string field, int defaultValue, string owner, string host)
    {
        int port = map.Number(field, defaultValue, min: 1, PortMax);
        string machine = host is "127.0.0.1" ? "localhost" : host.ToLowerInvariant();
        if (port != 0 && !_ports.TryAdd((machine, port), owner))
            map.Refuse(field, $"is {port}, which {_ports[(machine, port)]} uses already on {host}");

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
