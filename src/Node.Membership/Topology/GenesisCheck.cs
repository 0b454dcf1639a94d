using System.Diagnostics.CodeAnalysis;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership.Topology;

/// <summary>
/// Holds a genesis block that somebody else made against one's own network.yaml and certificates, before nodes join.
/// </summary>
public static class GenesisCheck
{
    /// <param name="materialFolder">The crypto-config folder, with the public part of all organisations.</param>
    /// <param name="fault">Names the first element of the configuration that differs, or what is missing here.</param>
    public static bool TryPass(
        NetworkTopology network,
        ChannelId channel,
        string materialFolder,
        Block block,
        [NotNullWhen(false)] out string? fault)
    {
        if (!GenesisBlock.TryBuild(
                network, channel, materialFolder, TimeProvider.System, out Block? expected, out fault)
            || !ConfigBlocks.TryRead(expected, out _, out ConfigEnvelope? wanted, out fault)
            || !ConfigBlocks.TryRead(block, out ChannelId id, out ConfigEnvelope? found, out fault))
            return false;

        fault = id != channel ? $"The block is of channel {id}, not of {channel}."
            : block.Header is not { Number: 0 } ? "The block is not block 0 of its channel."
            : found.Config?.ChannelGroup is not { } root ? "The block holds no configuration."
            : DifferenceOf("", root, wanted.Config.ChannelGroup) is { } path
                ? $"The block differs from {NetworkTopology.FileName} and the certificates here in {path}."
            : null;
        return fault is null;
    }

    // The path of the first element that is not the same in both; null when all are.
    private static string? DifferenceOf(string path, ConfigGroup found, ConfigGroup wanted)
    {
        if (found.ModPolicy != wanted.ModPolicy)
            return $"{path}/mod_policy";

        return DifferentKey(found.Values, wanted.Values, path)
            ?? DifferentKey(found.Policies, wanted.Policies, path)
            ?? found.Groups.Keys.Union(wanted.Groups.Keys).Order(StringComparer.Ordinal)
                .Select(key => found.Groups.TryGetValue(key, out ConfigGroup? one)
                    && wanted.Groups.TryGetValue(key, out ConfigGroup? other)
                        ? DifferenceOf($"{path}/{key}", one, other)
                        : $"{path}/{key}")
                .FirstOrDefault(difference => difference is not null);
    }

    private static string? DifferentKey<T>(IDictionary<string, T> found, IDictionary<string, T> wanted, string path)
        where T : class =>
        found.Keys.Union(wanted.Keys).Order(StringComparer.Ordinal)
            .Where(key => !(found.TryGetValue(key, out T? one) && wanted.TryGetValue(key, out T? other)
                && one.Equals(other)))
            .Select(key => $"{path}/{key}")
            .FirstOrDefault();
}
