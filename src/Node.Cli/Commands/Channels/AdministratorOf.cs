using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Channels;

/// <summary>Who signs configuration updates: a user of any organisation of network.yaml, the orderers'
/// included.</summary>
internal static class AdministratorOf
{
    private const string Administrator = "Admin";

    /// <summary>The user of --org and --user; Admin where --user is not given.</summary>
    public static SigningIdentity Open(Invocation invocation) => Open(
        invocation, invocation.Organization, invocation.NamesUser ? invocation.User : Administrator);

    /// <summary>The Admin of an organisation.</summary>
    public static SigningIdentity Open(Invocation invocation, string organization) =>
        Open(invocation, organization, Administrator);

    private static SigningIdentity Open(Invocation invocation, string wanted, string user)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        NetworkTopology network = layout.Topology;
        OrganizationTopology? organization = network.Organizations.Concat(network.OrdererOrganizations)
            .FirstOrDefault(org => Same(org.Name, wanted) || Same(org.MspId.Value, wanted) || Same(org.Domain, wanted));
        if (organization is null)
            throw new CommandFault(
                ExitCode.NotFound,
                $"network.yaml has no organisation {wanted}; it has " +
                string.Join(", ", network.Organizations.Concat(network.OrdererOrganizations).Select(org => org.Name)));

        bool orders = network.OrdererOrganizations.Contains(organization);
        OrganizationLayout material = orders
            ? layout.Material.OrdererOrganization(organization.Domain)
            : layout.Material.PeerOrganization(organization.Domain);
        return SigningIdentity.TryLoad(
            organization.MspId, material.User(user).Msp, out SigningIdentity? signer, out string? fault)
            ? signer
            : throw new CommandFault(ExitCode.NotFound, fault);
    }

    private static bool Same(string name, string text) => string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
}
