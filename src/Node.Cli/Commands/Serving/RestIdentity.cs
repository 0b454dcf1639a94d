using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership.Topology;
using Node.Rest.Identities;

namespace Node.Cli.Commands.Serving;

/// <summary>Whom --org and --user name, among those whose folders are here.</summary>
internal static class RestIdentity
{
    /// <exception cref="CommandFault">There is no such organisation.</exception>
    public static OrganizationTopology OrganizationOf(NetworkLayout layout, Invocation invocation) =>
        layout.Topology.Organizations.FirstOrDefault(one =>
            IsSame(one.Name, invocation.Organization) || IsSame(one.MspId.Value, invocation.Organization)
            || IsSame(one.Domain, invocation.Organization))
        ?? throw new CommandFault(
            ExitCode.NotFound,
            $"there is no organisation {invocation.Organization} with peers in {layout.Folder}. See network.yaml.");

    /// <exception cref="CommandFault">There is no such user with a folder here.</exception>
    public static IdentityName Of(NetworkLayout layout, Invocation invocation)
    {
        OrganizationTopology organization = OrganizationOf(layout, invocation);
        string folder = layout.Material.PeerOrganization(organization.Domain).User(invocation.User).Msp;
        return Directory.Exists(folder)
            ? new IdentityName(organization.MspId.Value, invocation.User)
            : throw new CommandFault(
                ExitCode.NotFound,
                $"there is no user {invocation.User} of {organization.Name} here: no folder {folder}. Requests are "
                + "signed with the user's key, so the server needs it.");
    }

    private static bool IsSame(string name, string text) =>
        string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
}
