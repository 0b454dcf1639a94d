using Node.Protocol.Wire.Common;

namespace Node.Membership.Channels;

/// <summary>What holds for every element of a configuration tree, whatever it means: names, depth and number.</summary>
internal static class ConfigForm
{
    private const int KeyCharsMax = 249;

    public static string? FaultOf(ConfigGroup root)
    {
        int elements = 0;
        return FaultOf(PolicyTree.Root, root, depth: 0, ref elements);
    }

    public static string? FaultOfKey(string key)
    {
        bool valid = key.Length is > 0 and <= KeyCharsMax
            && key is not ("." or "..")
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');
        return valid ? null : $"is not a name of letters, digits, '.' and '-' with at most {KeyCharsMax} characters";
    }

    private static string? FaultOf(string path, ConfigGroup group, int depth, ref int elements)
    {
        elements += 1 + group.Values.Count + group.Policies.Count;
        if (depth > MembershipLimits.ConfigDepthMax || elements > MembershipLimits.ConfigElementsMax)
        {
            return $"it is deeper than {MembershipLimits.ConfigDepthMax} groups, or has more than "
                + $"{MembershipLimits.ConfigElementsMax} elements";
        }

        foreach (string key in group.Values.Keys.Concat(group.Policies.Keys).Concat(group.Groups.Keys))
        {
            if (FaultOfKey(key) is { } fault)
                return $"a key in {path} {fault}";
        }

        foreach ((string name, ConfigGroup child) in group.Groups)
        {
            if (FaultOf($"{path}/{name}", child, depth + 1, ref elements) is { } fault)
                return fault;
        }

        return null;
    }
}
