using System.Net;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Cli.Networks;

/// <summary>One node of network.yaml with the organisation it belongs to.</summary>
internal sealed record NodePlace(OrganizationTopology Organization, NodeTopology Node, bool IsOrderer)
{
    public string Role => IsOrderer ? "orderer" : "peer";
}

/// <summary>One organisation's certificate authority.</summary>
internal sealed record CaPlace(OrganizationTopology Organization, bool IsOrderer)
{
    public const string Role = "ca";

    public string Name => Organization.CaName;

    public int Port => Organization.CaPort;
}

/// <summary>A network folder and the topology in it: where everything lies.</summary>
internal sealed class NetworkLayout(string folder, NetworkTopology topology, string? localHost)
{
    public string Folder { get; } = folder;

    public NetworkTopology Topology { get; } = topology;

    /// <summary>
    /// The host whose nodes run from this folder, empty for none (a client's folder); null: all nodes do.
    /// </summary>
    public string? LocalHost { get; } = localHost;

    /// <summary>
    /// True where <c>network plan</c> wrote the folder for one host: keys are given, never made here.
    /// </summary>
    public bool IsPlanned => File.Exists(MarkFileOf(Folder));

    /// <summary>What HTTP ports of the network speak.</summary>
    public string Scheme => Topology.Insecure ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;

    public string MaterialFolder { get; private init; } = Path.Combine(folder, "crypto-config");

    public MaterialLayout Material => new(MaterialFolder);

    /// <summary>Orderers first: peers pull from them.</summary>
    public IReadOnlyList<NodePlace> Nodes =>
    [
        .. Topology.OrdererOrganizations.SelectMany(org => org.Nodes.Select(node => new NodePlace(org, node, true))),
        .. Topology.Organizations.SelectMany(org => org.Nodes.Select(node => new NodePlace(org, node, false))),
    ];

    /// <summary>Those of <see cref="Nodes"/> that run from this folder.</summary>
    public IReadOnlyList<NodePlace> LocalNodes =>
        [.. Nodes.Where(place => IsLocal(Topology.HostOf(place.Node)))];

    /// <summary>Those of <see cref="Cas"/> that run from this folder.</summary>
    public IReadOnlyList<CaPlace> LocalCas =>
        [.. Cas.Where(place => IsLocal(Topology.CaHostOf(place.Organization)))];

    /// <summary>One for each organisation whose caPort is given.</summary>
    public IReadOnlyList<CaPlace> Cas =>
    [
        .. Topology.OrdererOrganizations.Select(org => new CaPlace(org, IsOrderer: true))
            .Concat(Topology.Organizations.Select(org => new CaPlace(org, IsOrderer: false)))
            .Where(place => place.Port != 0),
    ];

    /// <exception cref="CommandFault">There is no network, or its file has faults.</exception>
    public static NetworkLayout Open(Invocation invocation) => Open(invocation.Folder, invocation);

    /// <inheritdoc cref="Open(Invocation)"/>
    /// <param name="folder">Another one than --dir names.</param>
    public static NetworkLayout Open(string folder, Invocation invocation)
    {
        string file = Path.Combine(folder, NetworkTopology.FileName);
        if (!File.Exists(file))
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no network in {folder} (no {NetworkTopology.FileName}). " +
                $"Start one with: ./hyperprov network up{invocation.FolderOption}, or name another folder with --dir.");

        return NetworkTopology.TryLoad(file, out NetworkTopology? topology, out string? fault)
            ? new NetworkLayout(folder, topology, ReadMark(folder))
            : throw new CommandFault(ExitCode.Usage, fault);
    }

    /// <summary>A folder whose keys and certificates lie elsewhere.</summary>
    public NetworkLayout WithMaterialIn(string materialFolder) =>
        new(Folder, Topology, LocalHost) { MaterialFolder = materialFolder };

    /// <summary>The file that says whose nodes run from a folder.</summary>
    public static string MarkFileOf(string folder) => Path.Combine(folder, "host");

    /// <summary>The same folder with the nodes of one host.</summary>
    /// <param name="host">Null: as the folder says.</param>
    /// <exception cref="CommandFault">Nothing runs on this host, or the folder is another one's.</exception>
    public NetworkLayout On(string? host)
    {
        if (host is null)
            return this;
        if (Topology.Hosts.FirstOrDefault(
            one => string.Equals(one, host, StringComparison.OrdinalIgnoreCase)) is not { } known)
            throw new CommandFault(
                ExitCode.Usage,
                $"{NetworkTopology.FileName} places nothing on the host \"{host}\"; its hosts are " +
                $"{string.Join(", ", Topology.Hosts)}.");
        if (IsPlanned && LocalHost != known)
            throw new CommandFault(
                ExitCode.Usage,
                $"{Folder} was written for {(LocalHost is "" ? "a client" : $"the host {LocalHost}")} and holds no " +
                $"keys of {known}. Write one for it with: ./hyperprov network plan --host {known}.");

        return new NetworkLayout(Folder, Topology, known) { MaterialFolder = MaterialFolder };
    }

    /// <summary>host:port as others dial it.</summary>
    public string AddressOf(NodePlace place) => new Endpoint(Topology.HostOf(place.Node), place.Node.Port).ToString();

    /// <inheritdoc cref="AddressOf(NodePlace)"/>
    public string AddressOf(CaPlace place) =>
        new Endpoint(Topology.CaHostOf(place.Organization), place.Port).ToString();

    public IPAddress ListenAddressOf(NodePlace place) => IPAddress.Parse(Topology.ListenAddressOf(place.Node));

    public IPAddress ListenAddressOf(CaPlace place) => IPAddress.Parse(Topology.CaListenAddressOf(place.Organization));

    public string GenesisFile(ChannelId channel) => Path.Combine(Folder, "genesis", $"{channel}.block");

    public NodeProcess NodeAt(NodePlace place) =>
        new(Path.Combine(Folder, "nodes", place.Node.Name), place.Node.Name);

    public NodeProcess NodeAt(CaPlace place) => new(Path.Combine(Folder, "nodes", place.Name), place.Name);

    public OrganizationLayout MaterialOf(CaPlace place) => MaterialOf(place.Organization);

    public OrganizationLayout MaterialOf(OrganizationTopology organization) =>
        Topology.OrdererOrganizations.Contains(organization)
            ? Material.OrdererOrganization(organization.Domain)
            : Material.PeerOrganization(organization.Domain);

    /// <summary>Orderers' organisations first.</summary>
    public IReadOnlyList<OrganizationTopology> Organizations =>
        [.. Topology.OrdererOrganizations, .. Topology.Organizations];

    /// <summary>Where the registrar of an organisation is kept: its secret, and its certificate with key.</summary>
    public RegistrarFiles RegistrarOf(CaPlace place) =>
        new(Path.Combine(Folder, "ca", place.Organization.Domain));

    /// <summary>An orderer's etcd member; never running where it has none.</summary>
    public NodeProcess EtcdAt(NodePlace place) =>
        new(Path.Combine(Folder, "nodes", place.Node.Name, "etcd"), $"the etcd member of {place.Node.Name}");

    /// <summary>Where a node's own material lies.</summary>
    public MemberLayout MaterialOf(NodePlace place) =>
        (place.IsOrderer
            ? Material.OrdererOrganization(place.Organization.Domain)
            : Material.PeerOrganization(place.Organization.Domain)).Node(place.Node.Name);

    /// <summary>
    /// Deletes what networks put into their folder, and the folder itself when nothing else is in it.
    /// </summary>
    public void Delete()
    {
        foreach (string name in (string[])["nodes", "store", "genesis", "ca", "light", "crypto-config"])
        {
            string path = Path.Combine(Folder, name);
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }

        File.Delete(Path.Combine(Folder, NetworkTopology.FileName));
        File.Delete(MarkFileOf(Folder));
        if (!Directory.EnumerateFileSystemEntries(Folder).Any())
            Directory.Delete(Folder);
    }

    /// <summary>The TLS roots of all organisations: whose nodes and users may knock.</summary>
    public IReadOnlyList<string> TlsRootFiles => [.. Nodes.Select(place => MaterialOf(place).TlsRootFile).Distinct()];

    private bool IsLocal(string host) =>
        LocalHost is null || string.Equals(host, LocalHost, StringComparison.OrdinalIgnoreCase);

    private static string? ReadMark(string folder) =>
        File.Exists(MarkFileOf(folder)) ? File.ReadAllText(MarkFileOf(folder)).Trim() : null;
}
