using Grpc.Core;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Peer.Validating;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>
/// Reads off an endorser's answer what a transaction needs: its interest names contracts and collections (B21).
/// </summary>
internal static class CallRequirements
{
    /// <exception cref="RpcException"><c>FAILED_PRECONDITION</c>: nobody can endorse it.</exception>
    public static ContractDefinition DefinitionOf(PeerChannel channel, string contract) =>
        channel.Definitions.TryFind(contract, out ContractDefinition? definition)
            ? definition
            : throw GatewayFaults.Of(
                StatusCode.FailedPrecondition,
                $"contract {contract} has no committed definition on channel {channel.Id}; approve and commit one",
                []);

    /// <summary>All policies that validation will apply, as far as the answer tells.</summary>
    public static EndorsementRequirement Of(
        PeerChannel channel, ContractDefinition definition, EndorserAnswer answer)
    {
        List<Policy>? further = null;
        if (answer.Response?.Interest is { } interest)
        {
            foreach (ChaincodeCall call in interest.Chaincodes)
                AddPolicies(channel, definition, call, ref further);
        }

        return new EndorsementRequirement(definition.EndorsementPolicy, further ?? []);
    }

    /// <summary>
    /// Organisations that are members of every collection which the call wrote; null when it wrote none, so that
    /// nothing is known to be private to some.
    /// </summary>
    public static IReadOnlyList<string>? CollectionMembers(PeerChannel channel, EndorserAnswer answer)
    {
        IEnumerable<string>? common = null;
        if (answer.Response?.Interest is not { } interest)
            return null;

        foreach (ChaincodeCall call in interest.Chaincodes)
        {
            foreach (string collection in call.CollectionNames)
            {
                IReadOnlyList<string> members = MembersOf(channel, call.Name, collection);
                common = common is null ? members : [.. common.Intersect(members)];
            }
        }

        return common is null ? null : [.. common];
    }

    private static void AddPolicies(
        PeerChannel channel, ContractDefinition called, ChaincodeCall call, ref List<Policy>? further)
    {
        ContractDefinition? definition = called;
        if (call.Name != called.Name)
        {
            if (!channel.Definitions.TryFind(call.Name, out definition))
                return;

            (further ??= []).Add(definition.EndorsementPolicy);
        }

        foreach (string collection in call.CollectionNames)
        {
            if (channel.Definitions.FindCollectionPolicy(definition, collection) is { } policy)
                (further ??= []).Add(policy);
        }
    }

    private static IReadOnlyList<string> MembersOf(PeerChannel channel, string contract, string collection)
    {
        if (collection.StartsWith(EndorsementPolicies.ImplicitCollectionPrefix, StringComparison.Ordinal))
            return [collection[EndorsementPolicies.ImplicitCollectionPrefix.Length..]];

        return channel.Definitions.TryFind(contract, out ContractDefinition? definition)
            && definition.CollectionMembers.TryGetValue(collection, out IReadOnlyList<string>? members)
            ? members
            : [];
    }
}
