using System.Collections.Frozen;

namespace Node.Membership;

/// <summary>
/// Which rules hold in a channel. A name that this program does not know makes it refuse the configuration.
/// </summary>
public sealed class ChannelCapabilities
{
    private static readonly FrozenSet<string> s_knownChannel =
        FrozenSet.Create(StringComparer.Ordinal, "V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0");

    private static readonly FrozenSet<string> s_knownOrderer =
        FrozenSet.Create(StringComparer.Ordinal, "V1_1", "V1_4_2", "V2_0");

    private static readonly FrozenSet<string> s_knownApplication =
        FrozenSet.Create(StringComparer.Ordinal, "V1_1", "V1_2", "V1_3", "V1_4_2", "V2_0", "V2_5");

    internal ChannelCapabilities(
        IEnumerable<string> channel, IEnumerable<string> orderer, IEnumerable<string> application)
    {
        Channel = channel.ToFrozenSet(StringComparer.Ordinal);
        Orderer = orderer.ToFrozenSet(StringComparer.Ordinal);
        Application = application.ToFrozenSet(StringComparer.Ordinal);
    }

    public IReadOnlySet<string> Channel { get; }

    public IReadOnlySet<string> Orderer { get; }

    public IReadOnlySet<string> Application { get; }

    /// <summary>Identities may have Ed25519 keys; orderer addresses stand with their organisations.</summary>
    public bool IsChannelV3 => Channel.Contains("V3_0");

    /// <summary>The addresses that an orderer organisation names for itself are honoured.</summary>
    public bool HasOrganizationEndpoints =>
        IsChannelV3 || Channel.Contains("V2_0") || Channel.Contains("V1_4_3") || Channel.Contains("V1_4_2");

    public MspRules MspRules
    {
        get
        {
            if (IsChannelV3)
                return MspRules.Fabric30;
            if (Channel.Contains("V2_0") || Channel.Contains("V1_4_3"))
                return MspRules.Fabric143;

            return Channel.Contains("V1_3") || Channel.Contains("V1_4_2") ? MspRules.Fabric13 : MspRules.Fabric11;
        }
    }

    /// <returns>Names the first capability that this program does not have; null when it has all.</returns>
    internal string? FaultOfUnknown() =>
        FaultOf("Channel", Channel, s_knownChannel)
        ?? FaultOf("Orderer", Orderer, s_knownOrderer)
        ?? FaultOf("Application", Application, s_knownApplication);

    private static string? FaultOf(string group, IReadOnlySet<string> required, FrozenSet<string> known)
    {
        string? unknown = required.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal).FirstOrDefault();
        return unknown is null
            ? null
            : $"{group} requires the capability {unknown}, which this program does not have: update it";
    }
}
