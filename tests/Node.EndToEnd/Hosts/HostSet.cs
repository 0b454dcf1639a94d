using System.Net;
using System.Text;
using Node.Testing.Proxies;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Hosts on one bridge, each reaching every other through a link of its own, which can be made bad.
/// </summary>
/// <remarks>
/// A host finds another one's name at an address that belongs to the link between the two; behind it sits a proxy in
/// this process, which shows the other one the address under which that one knows the first. This process is a host
/// too: number 0. Addresses are those reserved for tests of networks (RFC 2544), 1,024 for each set.
/// </remarks>
internal sealed class HostSet : IAsyncDisposable
{
    private const int HostsMax = 15;

    private readonly Machine _machine;
    private readonly List<Host> _hosts = [];
    private readonly Dictionary<(int From, int To), ProxiedLink> _links = [];

    private HostSet(Machine machine) => _machine = machine;

    public IReadOnlyList<Host> Hosts => _hosts;

    public string Folder => _machine.Folder;

    public Host this[string name] => _hosts.Find(host => host.Name == name)
        ?? throw new ArgumentException($"there is no host {name}", nameof(name));

    /// <param name="ports">Of each host: its name, and the ports that others reach.</param>
    public static async Task<HostSet> CreateAsync(IReadOnlyDictionary<string, int[]> ports)
    {
        Assert.InRange(ports.Count, 1, HostsMax);
        var set = new HostSet(Machine.Take());
        try
        {
            set.Wire([.. ports.Keys]);
            set.OpenLinks([.. ports.Values]);
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>The way from one host to another, as the first one's calls take it.</summary>
    public ProxiedLink Link(string from, string to) => _links[(NumberOf(from), NumberOf(to))];

    /// <summary>The way from this process to a host.</summary>
    public ProxiedLink LinkTo(string host) => _links[(0, NumberOf(host))];

    /// <summary>Where this process reaches a host through its link.</summary>
    public IPAddress AddressOf(string host) => LinkAddress(0, NumberOf(host));

    /// <summary>All links that begin or end at a host, but for those of this process.</summary>
    public IEnumerable<ProxiedLink> LinksOf(string host)
    {
        int number = NumberOf(host);
        return _links.Where(link => link.Key.From != 0 && (link.Key.From == number || link.Key.To == number))
            .Select(link => link.Value);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProxiedLink link in _links.Values)
            await link.DisposeAsync();

        _machine.Dispose();
    }

    private void Wire(IReadOnlyList<string> names)
    {
        var root = new StringBuilder();
        root.Append(Invariant($"link add {_machine.Bridge} type bridge\n"));
        root.Append(Invariant($"addr add {AddressAt(0, 1)}/22 dev {_machine.Bridge}\n"));
        root.Append(Invariant($"link set {_machine.Bridge} up\n"));
        for (int from = 0; from <= names.Count; from++)
            for (int to = 1; to <= names.Count; to++)
                if (from != to)
                    root.Append(Invariant($"addr add {LinkAddress(from, to)}/32 dev {_machine.Bridge}\n"));

        for (int number = 1; number <= names.Count; number++)
        {
            string space = _machine.NamespaceOf(names[number - 1]);
            string cable = Invariant($"{_machine.Bridge}h{number}");
            root.Append(Invariant($"netns add {space}\nlink add {cable} type veth peer name eth0 netns {space}\n"));
            root.Append(Invariant($"link set {cable} master {_machine.Bridge} up\n"));
            string folder = Path.Combine(_machine.Folder, names[number - 1]);
            Directory.CreateDirectory(folder);
            _hosts.Add(new Host(names[number - 1], space, cable, AddressAt(0, 10 + number), folder));
        }

        Command.Feed(root.ToString(), "ip", "-batch", "-");
        foreach (Host host in _hosts)
        {
            Command.Feed(
                Invariant($"link set lo up\naddr add {host.Address}/22 dev eth0\nlink set eth0 up\n"),
                "ip", "-n", Path.GetFileName(host.NamespacePath), "-batch", "-");
            int number = NumberOf(host.Name);
            host.WriteNames(_hosts.Select(other =>
                (other == host ? host.Address : LinkAddress(number, NumberOf(other.Name)), other.Name)));
        }
    }

    private void OpenLinks(IReadOnlyList<int[]> ports)
    {
        for (int from = 0; from <= ports.Count; from++)
        {
            for (int to = 1; to <= ports.Count; to++)
            {
                if (from == to)
                    continue;

                var link = new ProxiedLink(TimeProvider.System);
                _links.Add((from, to), link);
                foreach (int port in ports[to - 1])
                    link.Open(
                        new IPEndPoint(LinkAddress(from, to), port), new IPEndPoint(_hosts[to - 1].Address, port),
                        source: from == 0 ? null : LinkAddress(to, from));
            }
        }
    }

    private int NumberOf(string host) => _hosts.FindIndex(candidate => candidate.Name == host) + 1 is > 0 and var number
        ? number
        : throw new ArgumentException($"there is no host {host}", nameof(host));

    // Four times 256 addresses for each set: hosts in the first, links in the second.
    private IPAddress AddressAt(int part, int last) =>
        new([198, (byte)(18 + _machine.Number / 64), (byte)(_machine.Number % 64 * 4 + part), (byte)last]);

    private IPAddress LinkAddress(int from, int to) => AddressAt(1, from * 16 + to);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
