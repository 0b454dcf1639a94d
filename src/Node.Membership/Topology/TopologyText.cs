using System.Globalization;
using System.Text;
using Node.Membership.Channels;

namespace Node.Membership.Topology;

/// <summary>Writes network.yaml.</summary>
internal static class TopologyText
{
    private const string Head = """
        # The network: organisations, peers, orderers, channels, contracts, policies, limits.
        # Edit it before the first 'hyperprov network up'. Afterwards the ledger holds the channels' configuration, and
        # keys and certificates exist: new peers and users are added, but a channel is no longer changed from here.

        """;

    public static string Write(NetworkTopology network)
    {
        var text = new StringBuilder(Head);
        Line(text, 0, $"host: {Quote(network.Host)}                 # under which nodes reach each other");
        Line(text, 0, $"listenAddress: {Quote(network.ListenAddress)}");
        if (network.Insecure)
            Line(text, 0, "insecure: true   # no port speaks TLS: for trying things out, never for data that matter");

        Line(text, 0, $"keyType: {KeyTypeNames.NameOf(network.KeyType)}                   # p256 or ed25519");
        Line(text, 0, $"restPort: {network.RestPort}");
        WriteOrganizations(text, "ordererOrganizations", "orderers", network.OrdererOrganizations);
        WriteOrganizations(text, "organizations", "peers", network.Organizations);
        Line(text, 0, "");
        Line(text, 0, "channels:");
        foreach (ChannelTopology channel in network.Channels)
            WriteChannel(text, channel);

        return text.ToString();
    }

    private static void WriteOrganizations(
        StringBuilder text, string field, string nodesField, IReadOnlyList<OrganizationTopology> organizations)
    {
        Line(text, 0, "");
        Line(text, 0, $"{field}:");
        foreach (OrganizationTopology organization in organizations)
        {
            Line(text, 1, $"- name: {Quote(organization.Name)}");
            Line(text, 2, $"mspId: {Quote(organization.MspId.Value)}");
            Line(text, 2, $"domain: {Quote(organization.Domain)}");
            Line(text, 2, $"users: {organization.UserCount}                   # beside Admin");
            if (organization.CaPort != 0)
                Line(text, 2, $"caPort: {organization.CaPort}   # certificate authority; leave out for none");
            WriteOwn(text, 2, "caHost", organization.CaHost);
            WriteOwn(text, 2, "caListen", organization.CaListen);
            if (organization.CaOperationsPort != 0)
                Line(text, 2, $"caOperationsPort: {organization.CaOperationsPort}");

            Line(text, 2, $"{nodesField}:");
            foreach (NodeTopology node in organization.Nodes)
            {
                Line(text, 3, $"- name: {Quote(node.ShortName)}");
                WriteOwn(text, 4, "host", node.Host);
                WriteOwn(text, 4, "listen", node.Listen);
                Line(text, 4, $"port: {node.Port}");
                Line(text, 4, $"operationsPort: {node.OperationsPort}");
                if (node.AdminPort != 0)
                    Line(text, 4, $"adminPort: {node.AdminPort}            # to join and remove channels, as osnadmin");
                if (node.EtcdClientPort == 0)
                    continue;

                Line(text, 4, $"etcdClientPort: {node.EtcdClientPort}       # of its etcd member, for the orderers");
                Line(text, 4, $"etcdPeerPort: {node.EtcdPeerPort}         # for the other members");
            }
        }
    }

    private static void WriteOwn(StringBuilder text, int indent, string field, string? value)
    {
        if (value is not null)
            Line(text, indent, $"{field}: {Quote(value)}");
    }

    private static void WriteChannel(StringBuilder text, ChannelTopology channel)
    {
        Line(text, 1, $"- name: {Quote(channel.Id.Value)}");
        Line(text, 2, $"organizations: [{string.Join(", ", channel.Organizations.Select(id => Quote(id.Value)))}]");
        Line(text, 2, "contracts:");
        foreach (ContractTopology contract in channel.Contracts)
        {
            Line(text, 3, $"- name: {Quote(contract.Name)}");
            Line(text, 4, $"version: {Quote(contract.Version)}");
            Line(text, 4, $"policy: {Quote(contract.Policy)}");
        }

        Line(text, 2, "# Of the channel, such as Endorsement: MAJORITY Endorsement. Empty means Fabric's defaults.");
        Line(text, 2, channel.Policies.Count == 0 ? "policies: {}" : "policies:");
        foreach ((string name, string policy) in channel.Policies.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            Line(text, 3, $"{name}: {Quote(policy)}");

        Line(text, 2, "limits:");
        Line(text, 3, $"maxMessageCount: {channel.Batch.MaxMessageCount}       # envelopes in a block");
        Line(text, 3, $"preferredMaxBytes: {channel.Batch.PreferredMaxBytes}");
        Line(text, 3, $"absoluteMaxBytes: {channel.Batch.AbsoluteMaxBytes}");
        Line(text, 3, $"batchTimeout: {GoDuration.Format(channel.Batch.Timeout)}");
    }

    private static void Line(StringBuilder text, int indent, FormattableString line) =>
        Line(text, indent, line.ToString(CultureInfo.InvariantCulture));

    private static void Line(StringBuilder text, int indent, string line) =>
        text.Append(' ', 2 * indent).Append(line).Append('\n');

    // Plain where YAML reads it back as the same text; quoted for everything else, "1.0" and policies included.
    private static string Quote(string value) =>
        value.Length > 0 && char.IsAsciiLetter(value[0]) && value.All(IsPlain) ? value : $"\"{Escape(value)}\"";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

/// <summary>The names of key types in files and on the command line.</summary>
public static class KeyTypeNames
{
    public static string NameOf(KeyType type) => type == KeyType.Ed25519 ? "ed25519" : "p256";

    public static bool TryParse(string text, out KeyType type)
    {
        type = text == "ed25519" ? KeyType.Ed25519 : KeyType.P256;
        return text is "ed25519" or "p256";
    }
}
