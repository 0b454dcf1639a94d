using Node.Membership.Channels;

namespace Node.Membership.Changing;

/// <summary>One element of a configuration that an update changes.</summary>
/// <param name="Element">"value /Channel/Orderer/BatchSize".</param>
/// <param name="Change">"new" or the versions: "0 to 1".</param>
/// <param name="Policy">Whose signatures the change needs; for what is new, those of the group that holds it.</param>
public sealed record ConfigDifference(string Element, string Change, string Policy);

/// <summary>Says what an update changes. Pure.</summary>
public static class ConfigDifferences
{
    public static IReadOnlyList<ConfigDifference> Of(SignedUpdate update, ChannelConfig current) =>
        ConfigDelta.Describe(current, update.Update);
}
