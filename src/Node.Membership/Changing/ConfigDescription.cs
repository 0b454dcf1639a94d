using Node.Membership.Certificates;
using Node.Membership.Channels;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using ImplicitMetaMessage = Node.Protocol.Wire.Common.ImplicitMetaPolicy;
using PolicyMessage = Node.Protocol.Wire.Common.Policy;

namespace Node.Membership.Changing;

/// <summary>One policy of a configuration in words.</summary>
/// <param name="Path">Below the channel: "Application/Endorsement".</param>
public sealed record PolicyPlace(string Path, string Rule, string ModPolicy);

/// <summary>A certificate that a channel's configuration revokes.</summary>
/// <param name="SerialNumber">Hex.</param>
public sealed record RevokedCertificate(string MspId, string SerialNumber);

/// <summary>Says in words what a configuration holds. Pure.</summary>
public static class ConfigDescription
{
    public static IReadOnlyList<PolicyPlace> PoliciesOf(ChannelConfig config)
    {
        var places = new List<PolicyPlace>();
        Collect(config.Config.ChannelGroup, "", places);
        return places;
    }

    public static IReadOnlyList<RevokedCertificate> RevokedOf(ChannelConfig config)
    {
        var revoked = new List<RevokedCertificate>();
        foreach (ConfigGroup group in OrganizationsOf(config))
        {
            if (!group.Values.TryGetValue(ConfigKeys.Msp, out ConfigValue? value))
                continue;

            FabricMSPConfig msp = FabricMSPConfig.Parser.ParseFrom(MSPConfig.Parser.ParseFrom(value.Value).Config);
            foreach (var list in msp.RevocationList)
            {
                if (RevocationList.TryRead(list.Memory, out RevocationList? read, out _))
                    revoked.AddRange(read.SerialNumbers.Select(serial => new RevokedCertificate(msp.Name, serial)));
            }
        }

        return revoked;
    }

    private static IEnumerable<ConfigGroup> OrganizationsOf(ChannelConfig config) =>
        config.Config.ChannelGroup.Groups.Values.SelectMany(group => group.Groups.Values);

    private static void Collect(ConfigGroup group, string path, List<PolicyPlace> places)
    {
        foreach ((string name, ConfigPolicy policy) in group.Policies.OrderBy(each => each.Key, StringComparer.Ordinal))
            places.Add(new PolicyPlace(path + name, RuleOf(policy.Policy), policy.ModPolicy));
        foreach ((string name, ConfigGroup child) in group.Groups.OrderBy(each => each.Key, StringComparer.Ordinal))
            Collect(child, $"{path}{name}/", places);
    }

    // The configuration was checked as a whole, so what is in it can be read.
    private static string RuleOf(PolicyMessage policy)
    {
        if (policy.Type == (int)PolicyMessage.Types.PolicyType.ImplicitMeta)
        {
            ImplicitMetaMessage meta = ImplicitMetaMessage.Parser.ParseFrom(policy.Value);
            return $"{meta.Rule.ToString().ToUpperInvariant()} {meta.SubPolicy}";
        }

        return SignaturePolicy.Format(SignaturePolicyEnvelope.Parser.ParseFrom(policy.Value));
    }
}
