using Google.Protobuf;
using Node.Protocol.Wire.Common;
using PolicyMessage = Node.Protocol.Wire.Common.Policy;

namespace Node.Membership.Channels;

/// <summary>Builds configuration groups in which every element names who may change it.</summary>
internal static class ConfigTree
{
    public const string Administrators = "Admins";

    public static ConfigGroup Group() => new() { ModPolicy = Administrators };

    public static ConfigGroup With(this ConfigGroup group, string key, IMessage value)
    {
        group.Values.Add(key, new ConfigValue { Value = value.ToByteString(), ModPolicy = Administrators });
        return group;
    }

    public static ConfigGroup With(this ConfigGroup group, string key, PolicyMessage policy)
    {
        group.Policies.Add(key, new ConfigPolicy { Policy = policy, ModPolicy = Administrators });
        return group;
    }

    public static ConfigGroup With(this ConfigGroup group, string key, ConfigGroup child)
    {
        group.Groups.Add(key, child);
        return group;
    }

    /// <summary>The same tree with its maps filled in ordinal order: equal trees then have equal bytes.</summary>
    public static ConfigGroup Sorted(ConfigGroup group)
    {
        var sorted = new ConfigGroup { Version = group.Version, ModPolicy = group.ModPolicy };
        foreach (string key in group.Groups.Keys.Order(StringComparer.Ordinal))
            sorted.Groups.Add(key, Sorted(group.Groups[key]));
        foreach (string key in group.Values.Keys.Order(StringComparer.Ordinal))
            sorted.Values.Add(key, group.Values[key].Clone());
        foreach (string key in group.Policies.Keys.Order(StringComparer.Ordinal))
            sorted.Policies.Add(key, group.Policies[key].Clone());

        return sorted;
    }
}
