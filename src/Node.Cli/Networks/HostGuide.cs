using System.Globalization;
using System.Text;
using Node.Membership.Topology;

namespace Node.Cli.Networks;

/// <summary>What a person does with a folder that <c>network plan</c> wrote; beside it as README.md.</summary>
internal static class HostGuide
{
    public const string FileName = "README.md";

    public static string OfHost(NetworkLayout layout, string host)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # {host}

            This folder holds what {host} needs of the network, and the private keys of its own nodes alone: whoever
            can read it can be these nodes. Move it there (`scp -rp`, `rsync -a`), readable by nobody else, and delete
            the copy.

            In the folder, start everything, look at it, stop it:

            ```sh
            hyperprov network up --dir .
            hyperprov network status --dir .
            hyperprov network down --dir .
            ```

            Or let systemd do it (the units are in deploy/systemd of the program's sources), with this folder as
            /var/lib/hyperprov, owned by the user hyperprov:

            ```sh

            """);
        foreach ((string role, string name) in Services(layout))
            text.Append(CultureInfo.InvariantCulture, $"systemctl enable --now hyperprov-{role}@{name}\n");

        text.Append("""
            ```

            Or run containers, once the image is there: `docker compose up -d` in this folder.

            Ports that others must reach:

            | Port | What | Who dials it |
            |---|---|---|

            """);
        foreach ((int port, string what, string who) in PortsOf(layout))
            text.Append(CultureInfo.InvariantCulture, $"| {port} | {what} | {who} |\n");

        return text.ToString();
    }

    public static string OfClient(NetworkLayout network, OrganizationTopology organization)
    {
        IEnumerable<string> peers = organization.Nodes.Select(
            node => $"{network.Topology.HostOf(node)}:{node.Port.ToString(CultureInfo.InvariantCulture)}");
        return $"""
            # Clients of {organization.Name}

            This folder holds the private keys of the users of {organization.Name}, its Admin's too: give each person
            a copy with that person's folder below users/ alone. Its peers are at {string.Join(", ", peers)}.

            Once the nodes of all hosts run, the Admins of all organisations agree on the contracts, one after the
            other:

            ```sh
            hyperprov network contracts --dir .
            ```

            Then, from any copy:

            ```sh
            hyperprov put FILE --key KEY --dir . --org {organization.Name}
            ```

            """;
    }

    /// <summary>The services of a folder's host: role and name, orderers first.</summary>
    public static IEnumerable<(string Role, string Name)> Services(NetworkLayout layout) =>
        layout.LocalNodes.Select(place => (place.Role, place.Node.Name))
            .Concat(layout.LocalCas.Select(place => (CaPlace.Role, place.Name)));

    private static IEnumerable<(int Port, string What, string Who)> PortsOf(NetworkLayout layout)
    {
        foreach (NodePlace place in layout.LocalNodes)
        {
            yield return place.IsOrderer
                ? (place.Node.Port, place.Node.Name, "peers, orderers")
                : (place.Node.Port, place.Node.Name, "clients, peers of all organisations");
            if (place.Node.AdminPort != 0)
                yield return (place.Node.AdminPort, "its channel administration", "administrators of its organisation");
            if (place.Node.EtcdClientPort != 0)
            {
                yield return (place.Node.EtcdClientPort, "its etcd member", "orderers");
                yield return (place.Node.EtcdPeerPort, "its etcd member", "etcd members of the other orderers");
            }
        }

        foreach (CaPlace place in layout.LocalCas)
            yield return (place.Port, place.Name, $"whoever enrols with {place.Organization.Name}");
    }
}
