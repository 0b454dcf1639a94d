using Node.Membership;

namespace Node.Peer.Committing;

/// <summary>A contract as the channel's members committed it.</summary>
/// <param name="EndorsementPolicy">
/// What endorsements must satisfy. Committed bytes that are no policy reject everything.
/// </param>
/// <param name="ApplicationPolicyBytes">The encoded ApplicationPolicy, as committed.</param>
/// <param name="CollectionPolicies">Endorsement policies of those collections that define one, by collection.</param>
internal sealed record ContractDefinition(
    string Name,
    string Version,
    long Sequence,
    bool InitRequired,
    Policy EndorsementPolicy,
    ReadOnlyMemory<byte> ApplicationPolicyBytes,
    IReadOnlyDictionary<string, Policy> CollectionPolicies)
{
    /// <summary>MSP ids of the organisations that may have a collection's values, by collection.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CollectionMembers { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();
}
