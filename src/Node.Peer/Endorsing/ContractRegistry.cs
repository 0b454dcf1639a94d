using System.Diagnostics.CodeAnalysis;
using Node.Contracts;
using Node.Contracts.Lifecycle;
using Node.Contracts.Provenance;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Endorsing;

/// <summary>The contracts whose code is in this process, by name.</summary>
/// <remarks>
/// That code is here does not make it callable: a channel's members commit a definition for it first. Immutable; any
/// thread.
/// </remarks>
internal sealed class ContractRegistry
{
    private readonly Dictionary<string, IContract> _byName = new(StringComparer.Ordinal);

    public ContractRegistry(params IEnumerable<IContract> contracts)
    {
        foreach (IContract contract in contracts)
            _byName.Add(contract.Name, contract);
    }

    /// <summary>The contracts that every peer of this build has.</summary>
    public static ContractRegistry BuiltIn(PeerNode node) =>
        new(new ProvenanceContract(), new LifecycleContract(node.MspId, id => OrganizationsOf(node, id)));

    public bool TryFind(string name, [NotNullWhen(true)] out IContract? contract) =>
        _byName.TryGetValue(name, out contract);

    private static IReadOnlyList<MspId> OrganizationsOf(PeerNode node, ChannelId id)
    {
        if (!node.TryFindChannel(id, out PeerChannel? channel))
            return [];

        IReadOnlyList<ApplicationOrganization> organizations = channel.Config.ApplicationOrganizations;
        return [.. organizations.Select(organization => organization.MspId)];
    }
}
