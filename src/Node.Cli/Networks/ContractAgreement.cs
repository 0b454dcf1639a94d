using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Networks;

/// <summary>
/// Brings the contracts of network.yaml onto their channels, as far as the Admins whose keys lie in the folder can.
/// </summary>
internal sealed class ContractAgreement(Invocation invocation, NetworkLayout layout)
{
    /// <returns>
    /// True when every contract is on its channel; false when Admins elsewhere have to approve one first.
    /// </returns>
    public async Task<bool> ReachAsync(CancellationToken cancellation)
    {
        bool reached = true;
        foreach (ChannelTopology channel in layout.Topology.Channels)
        {
            if (channel.Contracts.Count == 0)
                continue;

            await invocation.Progress.WhileAsync(
                $"Agreeing on the contracts of {channel.Id}",
                async say => reached &= await ReachAsync(channel, say, cancellation));
        }

        return reached;
    }

    private async Task<bool> ReachAsync(ChannelTopology channel, Action<string> say, CancellationToken cancellation)
    {
        var administrators = new Dictionary<string, NetworkSession>(StringComparer.Ordinal);
        try
        {
            foreach (MspId mspId in channel.Organizations.Where(HasAdministrator))
                administrators.Add(mspId.Value, NetworkSession.Open(invocation, mspId.Value, "Admin"));
            if (administrators.Count == 0)
                throw new CommandFault(
                    ExitCode.NotFound,
                    $"{layout.MaterialFolder} holds the keys of no Admin of an organisation of {channel.Id} " +
                    $"({string.Join(", ", channel.Organizations)}). Run this in the folder of a client that has some.");

            bool reached = true;
            foreach (ContractTopology contract in channel.Contracts)
                reached &= await DeployAsync(channel, contract, administrators, say, cancellation);

            return reached;
        }
        finally
        {
            foreach (NetworkSession administrator in administrators.Values)
                administrator.Dispose();
        }
    }

    private async Task<bool> DeployAsync(
        ChannelTopology channel, ContractTopology contract, Dictionary<string, NetworkSession> administrators,
        Action<string> say, CancellationToken cancellation)
    {
        if (!Membership.SignaturePolicy.TryParse(
            contract.Policy, out SignaturePolicyEnvelope? policy, out PolicySyntaxFault? fault))
            throw new CommandFault(
                ExitCode.Usage, $"the policy of the contract {contract.Name} cannot be read: {fault}");

        var deployment = new ContractDeployment(
            channel.Id.Value, new ContractToDeploy(contract.Name, contract.Version, 1, policy),
            [.. channel.Organizations.Select(mspId => mspId.Value)], invocation.Console.Clock);
        DeployedContract deployed = await deployment.RunAsync(administrators, say, cancellation);
        if (deployed.Missing.Count > 0)
            invocation.Progress.Say(
                $"The contract {contract.Name} {contract.Version} waits for the approval of " +
                $"{string.Join(", ", deployed.Missing)}: there too, run ./hyperprov network contracts");
        else if (deployed.IsNew)
            invocation.Progress.Say($"The contract {contract.Name} {contract.Version} is on channel " +
                $"{channel.Id}: {contract.Policy}");

        return deployed.Missing.Count == 0;
    }

    private bool HasAdministrator(MspId mspId) =>
        layout.Topology.TryFindOrganization(mspId, out OrganizationTopology? organization)
        && Directory.Exists(
            Path.Combine(layout.Material.PeerOrganization(organization.Domain).User("Admin").Msp, "keystore"));
}
