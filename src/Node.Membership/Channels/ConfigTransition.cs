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

        return FaultOfConsenters(current.Orderer.Consenters, next.Orderer.Consenters)
            ?? FaultOfNames(current.Orderer.Organizations, next.Orderer.Organizations)
            ?? FaultOfNames(
                current.ApplicationOrganizations.Select(org => (org.Name, org.MspId)),
                next.ApplicationOrganizations.Select(org => (org.Name, org.MspId)));
    }

    // As Fabric: a majority of the old ones is one of the new ones only when they differ by one at most.
    private static string? FaultOfConsenters(
        IReadOnlyList<ConsenterPlace> current, IReadOnlyList<ConsenterPlace> next)
    {
        if (current.Count == 0)
            return null;
        if (next.Count == 0)
            return "the channel must keep at least one consenter";

        string[] before = [.. current.Select(one => one.ToString())];
        string[] after = [.. next.Select(one => one.ToString())];
        if (after.Distinct(StringComparer.Ordinal).Count() != after.Length)
            return "it names a consenter more than once";

        string[] added = [.. after.Except(before, StringComparer.Ordinal)];
        string[] removed = [.. before.Except(after, StringComparer.Ordinal)];
        return added.Length <= 1 && removed.Length <= 1
            ? null
            : $"it adds {added.Length} consenters and removes {removed.Length}: change one at a time";
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
