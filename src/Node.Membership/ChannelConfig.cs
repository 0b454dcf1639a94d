using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Membership;

/// <summary>
/// One configuration of a channel, checked as a whole: who belongs to it, who may do what, how blocks are cut.
/// </summary>
/// <remarks>
/// Immutable; any thread. Its identity cache is shared with the configurations before and after it as long as the
/// organisations stay the same.
/// </remarks>
public sealed class ChannelConfig
{
    private readonly PolicyTree _policies;
    private readonly IReadOnlyDictionary<string, string> _acls;
    private readonly MspSet _msps;

    private ChannelConfig(ChannelId id, Config config, ChannelConfigReader read, OrdererSettings orderer, MspSet msps)
    {
        Id = id;
        Config = config;
        Capabilities = read.Capabilities;
        ApplicationOrganizations = read.ApplicationOrganizations;
        Orderer = orderer;
        HasApplication = read.HasApplication;
        _policies = read.Policies;
        _acls = read.Acls;
        _msps = msps;
    }

    public ChannelId Id { get; }

    /// <summary>0 in the genesis block, one more with every update.</summary>
    public ulong Sequence => Config.Sequence;

    /// <summary>The tree as it stands on the ledger. Not to be changed.</summary>
    public Config Config { get; }

    public ChannelCapabilities Capabilities { get; }

    /// <summary>By group key, in ordinal order.</summary>
    public IReadOnlyList<ApplicationOrganization> ApplicationOrganizations { get; }

    public OrdererSettings Orderer { get; }

    internal bool HasApplication { get; }

    /// <summary>Checks a configuration from outside.</summary>
    /// <param name="fault">Names the element and what is wrong with it.</param>
    public static bool TryCreate(
        ChannelId id,
        Config config,
        [NotNullWhen(true)] out ChannelConfig? created,
        [NotNullWhen(false)] out string? fault) =>
        TryCreate(id, config, previous: null, out created, out fault);

    /// <summary>
    /// As above, keeping the identity cache of <paramref name="previous"/> when the organisations are the same.
    /// </summary>
    public static bool TryCreate(
        ChannelId id,
        Config config,
        ChannelConfig? previous,
        [NotNullWhen(true)] out ChannelConfig? created,
        [NotNullWhen(false)] out string? fault)
    {
        created = null;
        if (config.ChannelGroup is not { } group)
        {
            fault = $"The configuration of {id} is not acceptable: it has no channel group.";
            return false;
        }

        var reader = new ChannelConfigReader(group);
        fault = reader.Read();
        if (fault is null && reader.Orderer is null)
            fault = "it has no group Orderer";
        if (fault is not null || reader.Orderer is null)
        {
            fault = $"The configuration of {id} is not acceptable: {fault}.";
            return false;
        }

        created = new ChannelConfig(id, config, reader, reader.Orderer, reader.CreateMspSet(previous?._msps));
        return true;
    }

    /// <summary>
    /// Reads a genesis block or any other configuration block. Its signatures and hashes are not looked at.
    /// </summary>
    public static bool TryFromConfigBlock(
        Block block, [NotNullWhen(true)] out ChannelConfig? created, [NotNullWhen(false)] out string? fault)
    {
        created = null;
        return ConfigBlocks.TryRead(block, out ChannelId id, out ConfigEnvelope? envelope, out fault)
            && TryCreate(id, envelope.Config ?? new Config(), out created, out fault);
    }

    /// <inheritdoc cref="TryFromConfigBlock(Block, out ChannelConfig?, out string?)"/>
    public static bool TryFromConfigBlock(
        ReadOnlySpan<byte> block,
        [NotNullWhen(true)] out ChannelConfig? created,
        [NotNullWhen(false)] out string? fault)
    {
        try
        {
            return TryFromConfigBlock(Block.Parser.ParseFrom(block), out created, out fault);
        }
        catch (InvalidProtocolBufferException)
        {
            created = null;
            fault = "The bytes are no block.";
            return false;
        }
    }

    /// <summary>Finds out who an identity is. Repeated bytes cost one hash and one comparison.</summary>
    /// <param name="serializedIdentity">As it travelled: creator or endorser.</param>
    public bool TryResolve(
        ReadOnlySpan<byte> serializedIdentity,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault) =>
        _msps.TryResolve(serializedIdentity, out identity, out fault);

    /// <summary>The providers of all organisations of this channel, of orderers too, by MSP id.</summary>
    public IEnumerable<Msp> Msps => _msps.All;

    /// <summary>The provider of one organisation of this channel.</summary>
    public bool TryFindMsp(MspId mspId, [NotNullWhen(true)] out Msp? msp) => _msps.TryFind(mspId, out msp);

    /// <param name="path">Absolute, as "/Channel/Application/Writers".</param>
    /// <returns>Null when there is none, which means that nobody is allowed.</returns>
    public Policy? FindPolicy(string path) => _policies.Find(path);

    /// <summary>
    /// The path of the policy that guards a resource, as "peer/Propose". Unknown resources are open to nobody.
    /// </summary>
    public string AclPolicyPath(string resource)
    {
        if (!_acls.TryGetValue(resource, out string? path))
            return AclDefaults.PathOf(resource);

        return path.StartsWith('/') ? path : $"/Channel/Application/{path}";
    }
}
