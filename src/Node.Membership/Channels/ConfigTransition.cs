using Node.Protocol;

namespace Node.Membership.Channels;

/// <summary>What may not change from one valid configuration to the next, whoever signs for it.</summary>
internal static class ConfigTransition
{
    public static string? FaultOf(ChannelConfig current, ChannelConfig next)
    {
        if (current.HasApplication && !next.HasApplication)
            return "the group Application cannot be removed";

        string before = current.Orderer.ConsensusType;
        string after = next.Orderer.ConsensusType;
        if (before != after)
            return $"the consensus type cannot change from {before} to {after}";

        return FaultOfNames(current.Orderer.Organizations, next.Orderer.Organizations)
            ?? FaultOfNames(
                current.ApplicationOrganizations.Select(org => (org.Name, org.MspId)),
                next.ApplicationOrganizations.Select(org => (org.Name, org.MspId)));
    }

    private static string? FaultOfNames(
        IEnumerable<(string Name, MspId MspId)> current, IEnumerable<(string Name, MspId MspId)> next)
    {
        var before = current.ToDictionary(org => org.Name, org => org.MspId, StringComparer.Ordinal);
        foreach ((string name, MspId mspId) in next)
        {
            if (before.TryGetValue(name, out MspId known) && known != mspId)
                return $"the organisation {name} cannot change its MSP id from {known} to {mspId}";
        }

        return null;
    }
}
