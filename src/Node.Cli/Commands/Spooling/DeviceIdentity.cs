using Node.Cli.Running;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Cli.Commands.Spooling;

/// <summary>Whose key signs a journal: an MSP folder that is named, or a user of a network folder.</summary>
internal static class DeviceIdentity
{
    public static (MspId MspId, string Folder) Locate(Invocation invocation)
    {
        if (invocation.Get(SpoolOptions.Msp) is { } folder)
            return (NamedMspId(invocation), invocation.Console.PathOf(folder));

        string file = Path.Combine(invocation.Folder, NetworkTopology.FileName);
        if (!File.Exists(file))
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no network in {invocation.Folder}, so the device's identity is not known. " +
                "Name its MSP folder with --msp and --msp-id, or a network folder with --dir.");
        if (!NetworkTopology.TryLoad(file, out NetworkTopology? network, out string? fault))
            throw new CommandFault(ExitCode.Usage, fault);

        OrganizationTopology organization = network.Organizations.FirstOrDefault(one =>
            Same(one.Name, invocation) || Same(one.MspId.Value, invocation) || Same(one.Domain, invocation))
            ?? throw new CommandFault(
                ExitCode.NotFound, $"there is no organisation \"{invocation.Organization}\" in {file}. See --org.");
        var layout = new MaterialLayout(Path.Combine(invocation.Folder, "crypto-config"));
        return (organization.MspId, layout.PeerOrganization(organization.Domain).User(invocation.User).Msp);
    }

    private static MspId NamedMspId(Invocation invocation)
    {
        string text = invocation.Get(SpoolOptions.MspId)
            ?? throw new CommandFault(ExitCode.Usage, "--msp needs --msp-id: the MSP id of the device's organisation.");
        return MspId.TryParse(text, out MspId mspId, out string? fault)
            ? mspId
            : throw new CommandFault(ExitCode.Usage, $"--msp-id: {fault}.");
    }

    private static bool Same(string name, Invocation invocation) =>
        string.Equals(name, invocation.Organization, StringComparison.OrdinalIgnoreCase);
}
