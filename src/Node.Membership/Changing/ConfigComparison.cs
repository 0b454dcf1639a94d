using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Collections;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Changing;

/// <summary>
/// Computes the update that turns one configuration tree into another (Fabric's configtxlator compute_update): what was
/// read at which version, and what is written at the next.
/// </summary>
/// <remarks>Pure. Versions in the wanted tree are not looked at: what is equal but for its version is
/// unchanged.</remarks>
public static class ConfigComparison
{
    /// <param name="fault">The two trees are equal: there is nothing to update.</param>
    public static bool TryCompute(
        ChannelId channel,
        ConfigGroup current,
        ConfigGroup wanted,
        [NotNullWhen(true)] out ConfigUpdate? update,
        [NotNullWhen(false)] out string? fault)
    {
        GroupChange change = Compare(current, wanted);
        update = null;
        fault = change.IsChange ? null : "it changes nothing";
        if (fault is not null)
            return false;

        update = new ConfigUpdate
        {
            ChannelId = channel.Value,
            ReadSet = ConfigTree.Sorted(change.Read),
            WriteSet = ConfigTree.Sorted(change.Write),
        };
        return true;
    }

    private static GroupChange Compare(ConfigGroup current, ConfigGroup wanted)
    {
        var read = new ConfigGroup { Version = current.Version };
        var write = new ConfigGroup { Version = current.Version };
        var same = new ConfigGroup();   // What a group whose members change must list again.
        bool members = current.ModPolicy != wanted.ModPolicy;
        members |= CompareGroups(current, wanted, read, write, same);
        members |= CompareValues(current.Values, wanted.Values, write, same);
        members |= ComparePolicies(current.Policies, wanted.Policies, write, same);
        if (members)
        {
            // The newest version of a group lists all its members: the ones that stay, at the version they have.
            write.Version = current.Version + 1;
            write.ModPolicy = wanted.ModPolicy;
            Merge(same, read);
            Merge(same, write);
        }

        bool isChange = members || write.Groups.Count + write.Values.Count + write.Policies.Count > 0;
        return new GroupChange(read, write, isChange);
    }

    private static bool CompareGroups(
        ConfigGroup current, ConfigGroup wanted, ConfigGroup read, ConfigGroup write, ConfigGroup same)
    {
        foreach ((string key, ConfigGroup group) in current.Groups)
        {
            if (!wanted.Groups.TryGetValue(key, out ConfigGroup? next))
                continue;

            GroupChange change = Compare(group, next);
            if (change.IsChange)
            {
                read.Groups.Add(key, change.Read);
                write.Groups.Add(key, change.Write);
            }
            else
            {
                same.Groups.Add(key, new ConfigGroup { Version = group.Version });
            }
        }

        foreach ((string key, ConfigGroup group) in wanted.Groups)
        {
            if (!current.Groups.ContainsKey(key))
                write.Groups.Add(key, Fresh(group));
        }

        return !SameKeys(current.Groups.Keys, wanted.Groups.Keys);
    }

    private static bool CompareValues(
        MapField<string, ConfigValue> current, MapField<string, ConfigValue> wanted, ConfigGroup write,
        ConfigGroup same)
    {
        foreach ((string key, ConfigValue value) in wanted)
        {
            if (!current.TryGetValue(key, out ConfigValue? before))
                write.Values.Add(key, At(0, value));
            else if (!before.Value.Equals(value.Value) || before.ModPolicy != value.ModPolicy)
                write.Values.Add(key, At(before.Version + 1, value));
            else
                same.Values.Add(key, new ConfigValue { Version = before.Version });
        }

        return !SameKeys(current.Keys, wanted.Keys);

        static ConfigValue At(ulong version, ConfigValue value) =>
            new() { Version = version, Value = value.Value, ModPolicy = value.ModPolicy };
    }

    private static bool ComparePolicies(
        MapField<string, ConfigPolicy> current, MapField<string, ConfigPolicy> wanted, ConfigGroup write,
        ConfigGroup same)
    {
        foreach ((string key, ConfigPolicy policy) in wanted)
        {
            if (!current.TryGetValue(key, out ConfigPolicy? before))
                write.Policies.Add(key, At(0, policy));
            else if (!Equals(before.Policy, policy.Policy) || before.ModPolicy != policy.ModPolicy)
                write.Policies.Add(key, At(before.Version + 1, policy));
            else
                same.Policies.Add(key, new ConfigPolicy { Version = before.Version });
        }

        return !SameKeys(current.Keys, wanted.Keys);

        static ConfigPolicy At(ulong version, ConfigPolicy policy) =>
            new() { Version = version, Policy = policy.Policy, ModPolicy = policy.ModPolicy };
    }

    private static ConfigGroup Fresh(ConfigGroup group)
    {
        ConfigGroup fresh = group.Clone();
        fresh.Version = 0;
        foreach (ConfigValue value in fresh.Values.Values)
            value.Version = 0;
        foreach (ConfigPolicy policy in fresh.Policies.Values)
            policy.Version = 0;
        foreach (string key in group.Groups.Keys)
            fresh.Groups[key] = Fresh(group.Groups[key]);

        return fresh;
    }

    private static void Merge(ConfigGroup from, ConfigGroup into)
    {
        foreach ((string key, ConfigGroup group) in from.Groups)
            into.Groups[key] = group;
        foreach ((string key, ConfigValue value) in from.Values)
            into.Values[key] = value;
        foreach ((string key, ConfigPolicy policy) in from.Policies)
            into.Policies[key] = policy;
    }

    private static bool SameKeys(ICollection<string> some, ICollection<string> others) =>
        some.Count == others.Count && some.All(others.Contains);

    private sealed record GroupChange(ConfigGroup Read, ConfigGroup Write, bool IsChange);
}
