using Node.Membership.Changing;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Channels;

/// <summary>One group, value or policy of a configuration tree, with its place.</summary>
/// <param name="GroupPath">
/// The path of the group that holds it; for a group, of its parent (empty for the channel itself).
/// </param>
internal sealed record ConfigElement(
    string GroupPath,
    string Key,
    ulong Version,
    string ModPolicy,
    ConfigGroup? Group,
    ConfigValue? Value,
    ConfigPolicy? Policy)
{
    private string Kind => Group is not null ? "group" : Value is not null ? "value" : "policy";

    /// <summary>Tells elements of all three kinds apart; also their name in messages.</summary>
    public string Name => $"{Kind} {GroupPath}/{Key}";

    /// <summary>Where its mod_policy is looked up. For a group that is the group itself.</summary>
    public string PolicyPath =>
        ModPolicy.StartsWith('/') ? ModPolicy : $"{(Group is null ? GroupPath : $"{GroupPath}/{Key}")}/{ModPolicy}";
}

/// <summary>The rules by which an update changes a configuration tree (Fabric's configtx).</summary>
internal static class ConfigDelta
{
    /// <returns>Why the update is refused; null when <paramref name="result"/> is the new tree.</returns>
    public static string? Compute(
        ChannelConfig current, ConfigUpdate update, Identity[] signers, out ConfigGroup? result)
    {
        result = null;
        string? formFault = FaultOfForm(update.ReadSet) ?? FaultOfForm(update.WriteSet);
        if (formFault is not null)
            return formFault;

        Dictionary<string, ConfigElement> now = Flatten(current.Config.ChannelGroup);
        Dictionary<string, ConfigElement> read = Flatten(update.ReadSet);
        Dictionary<string, ConfigElement> write = Flatten(update.WriteSet);
        List<ConfigElement> delta =
            [.. write.Values.Where(element => !read.TryGetValue(element.Name, out ConfigElement? seen)
                || seen.Version != element.Version)];

        string? fault = FaultOfReadSet(now, read) ?? FaultOfDelta(current, now, delta, signers);
        if (fault is not null)
            return fault;

        foreach (ConfigElement element in delta)
            now[element.Name] = element;

        var used = new HashSet<string>(StringComparer.Ordinal);
        result = Assemble(parentPath: "", "Channel", now, used);
        string? lost = write.Keys.FirstOrDefault(name => !used.Contains(name));
        return lost is null ? null : $"the {lost} is written, but the group that would hold it does not list it";
    }

    /// <summary>What an update changes, element by element, whoever signed it.</summary>
    public static IReadOnlyList<ConfigDifference> Describe(ChannelConfig current, ConfigUpdate update)
    {
        Dictionary<string, ConfigElement> now = Flatten(current.Config.ChannelGroup);
        Dictionary<string, ConfigElement> read = Flatten(update.ReadSet);
        return
        [
            .. Flatten(update.WriteSet).Values
                .Where(element => !read.TryGetValue(element.Name, out ConfigElement? seen)
                    || seen.Version != element.Version)
                .Select(element => now.TryGetValue(element.Name, out ConfigElement? before)
                    ? new ConfigDifference(
                        element.Name, $"version {before.Version} to {element.Version}", before.PolicyPath)
                    : new ConfigDifference(element.Name, "new", "")),
        ];
    }

    private static string? FaultOfForm(ConfigGroup? set) => set is null ? null : ConfigForm.FaultOf(set);

    private static string? FaultOfReadSet(
        Dictionary<string, ConfigElement> now, Dictionary<string, ConfigElement> read)
    {
        foreach (ConfigElement element in read.Values)
        {
            if (!now.TryGetValue(element.Name, out ConfigElement? existing))
                return $"the {element.Name} was read, but does not exist";
            if (existing.Version != element.Version)
            {
                return $"the {element.Name} was read at version {element.Version}, it is at {existing.Version}: "
                    + "compute the update anew";
            }
        }

        return null;
    }

    private static string? FaultOfDelta(
        ChannelConfig current, Dictionary<string, ConfigElement> now, List<ConfigElement> delta, Identity[] signers)
    {
        if (delta.Count == 0)
            return "it changes nothing";

        foreach (ConfigElement element in delta)
        {
            if (FaultOfModPolicy(element.ModPolicy) is { } malformed)
                return $"the {element.Name} {malformed}";

            if (!now.TryGetValue(element.Name, out ConfigElement? existing))
            {
                if (element.Version != 0)
                    return $"the {element.Name} is new, so its version must be 0, not {element.Version}";

                // Who may add it is decided by the group that holds it, whose version changes with it.
                continue;
            }

            if (existing.Version == ulong.MaxValue || element.Version != existing.Version + 1)
                return $"the {element.Name} is at version {existing.Version}, not just below {element.Version}";
            if (current.FindPolicy(existing.PolicyPath) is not { } policy)
                return $"the {element.Name} may be changed by {existing.PolicyPath}, which does not exist";
            if (!policy.IsSatisfiedBy(signers))
                return $"the {element.Name} may be changed by {existing.PolicyPath}, which {policy.Explain(signers)}";
        }

        return null;
    }

    private static string? FaultOfModPolicy(string modPolicy)
    {
        if (modPolicy.Length == 0)
            return "has no mod_policy";

        foreach (string part in modPolicy.TrimStart('/').Split('/'))
        {
            if (ConfigForm.FaultOfKey(part) is { } fault)
                return $"has a mod_policy whose part '{part}' {fault}";
        }

        return null;
    }

    private static Dictionary<string, ConfigElement> Flatten(ConfigGroup? root)
    {
        var elements = new Dictionary<string, ConfigElement>(StringComparer.Ordinal);
        if (root is not null)
            Flatten(parentPath: "", "Channel", root, elements);

        return elements;
    }

    private static void Flatten(
        string parentPath, string key, ConfigGroup group, Dictionary<string, ConfigElement> elements)
    {
        string path = $"{parentPath}/{key}";
        Add(new ConfigElement(parentPath, key, group.Version, group.ModPolicy, group, null, null));
        foreach ((string name, ConfigValue value) in group.Values)
            Add(new ConfigElement(path, name, value.Version, value.ModPolicy, null, value, null));
        foreach ((string name, ConfigPolicy policy) in group.Policies)
            Add(new ConfigElement(path, name, policy.Version, policy.ModPolicy, null, null, policy));
        foreach ((string name, ConfigGroup child) in group.Groups)
            Flatten(path, name, child, elements);

        void Add(ConfigElement element) => elements.Add(element.Name, element);
    }

    /// <summary>
    /// Builds the tree anew from its elements. What a group holds is what its newest version lists; maps are filled in
    /// ordinal order, so that every node encodes the same bytes.
    /// </summary>
    private static ConfigGroup Assemble(
        string parentPath, string key, Dictionary<string, ConfigElement> elements, HashSet<string> used)
    {
        string path = $"{parentPath}/{key}";
        ConfigGroup listed = Take($"group {path}").Group ?? new ConfigGroup();
        var group = new ConfigGroup { Version = listed.Version, ModPolicy = listed.ModPolicy };
        foreach (string name in listed.Groups.Keys.Order(StringComparer.Ordinal))
            group.Groups.Add(name, Assemble(path, name, elements, used));
        foreach (string name in listed.Values.Keys.Order(StringComparer.Ordinal))
            group.Values.Add(name, Take($"value {path}/{name}").Value?.Clone() ?? new ConfigValue());
        foreach (string name in listed.Policies.Keys.Order(StringComparer.Ordinal))
            group.Policies.Add(name, Take($"policy {path}/{name}").Policy?.Clone() ?? new ConfigPolicy());

        return group;

        ConfigElement Take(string name)
        {
            used.Add(name);
            return elements[name];
        }
    }
}
