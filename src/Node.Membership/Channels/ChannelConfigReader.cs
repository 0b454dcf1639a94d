using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.EtcdRaft;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using CapabilitiesMessage = Node.Protocol.Wire.Common.Capabilities;

namespace Node.Membership.Channels;

/// <summary>Takes a configuration tree apart into what this program acts on. The first fault ends it.</summary>
/// <remarks>
/// Used once, by one thread. What is not understood is refused: ignoring a rule is not a way to follow it.
/// </remarks>
internal sealed class ChannelConfigReader(ConfigGroup channel)
{
    private readonly Dictionary<MspId, Membership.Msp> _msps = [];
    private readonly Dictionary<MspId, ReadOnlyMemory<byte>> _mspConfigs = [];
    private readonly List<ApplicationOrganization> _applicationOrganizations = [];
    private readonly List<(string Name, MspId MspId)> _ordererOrganizations = [];
    private readonly List<OrdererEndpoint> _endpoints = [];
    private string? _fault;

    public ChannelCapabilities Capabilities { get; private set; } = new([], [], []);

    public PolicyTree Policies { get; } = new();

    public IReadOnlyList<ApplicationOrganization> ApplicationOrganizations => _applicationOrganizations;

    public OrdererSettings? Orderer { get; private set; }

    /// <summary>Resource to path as written; relative ones are below /Channel/Application.</summary>
    public IReadOnlyDictionary<string, string> Acls { get; private set; } = new Dictionary<string, string>();

    public bool HasApplication { get; private set; }

    /// <returns>Why the tree is refused; null when it is taken.</returns>
    public string? Read()
    {
        _fault = ConfigForm.FaultOf(channel);
        if (_fault is null)
            ReadChannel();
        if (_fault is null && channel.Groups.TryGetValue(ConfigKeys.Orderer, out ConfigGroup? orderer))
            ReadOrderer(orderer);
        if (_fault is null && channel.Groups.TryGetValue(ConfigKeys.Application, out ConfigGroup? application))
            ReadApplication(application);

        return _fault ?? Policies.Add(PolicyTree.Root, channel);
    }

    public MspSet CreateMspSet(MspSet? previous) =>
        MspSet.Create(_msps, _mspConfigs, Capabilities.MspRules, previous);

    private void ReadChannel()
    {
        RequireKnown(
            PolicyTree.Root,
            channel,
            [ConfigKeys.Application, ConfigKeys.Orderer, ConfigKeys.Consortiums],
            ConfigKeys.HashingAlgorithm, ConfigKeys.BlockDataHashingStructure, ConfigKeys.OrdererAddresses,
            ConfigKeys.Consortium, ConfigKeys.Capabilities);
        ReadCapabilities();

        string? hash = Value(PolicyTree.Root, channel, ConfigKeys.HashingAlgorithm, HashingAlgorithm.Parser)?.Name;
        if (hash != ConfigKeys.Sha256)
            Refuse($"its hashing algorithm is '{hash}', only {ConfigKeys.Sha256} is supported");

        uint? width = Value(
            PolicyTree.Root, channel, ConfigKeys.BlockDataHashingStructure, BlockDataHashingStructure.Parser)?.Width;
        if (width != ConfigKeys.FlatHashWidth)
            Refuse($"the width of its block data hash is {width}, it must be {ConfigKeys.FlatHashWidth}");
    }

    private void ReadCapabilities()
    {
        Capabilities = new ChannelCapabilities(
            CapabilitiesOf(PolicyTree.Root, channel),
            CapabilitiesOf("/Channel/Orderer", channel.Groups.GetValueOrDefault(ConfigKeys.Orderer)),
            CapabilitiesOf("/Channel/Application", channel.Groups.GetValueOrDefault(ConfigKeys.Application)));
        if (Capabilities.FaultOfUnknown() is { } fault)
            Refuse(fault);
    }

    private IEnumerable<string> CapabilitiesOf(string path, ConfigGroup? group) =>
        group is not null && Value(path, group, ConfigKeys.Capabilities, CapabilitiesMessage.Parser) is { } message
            ? message.Capabilities_.Keys
            : [];

    private void ReadOrderer(ConfigGroup orderer)
    {
        const string Path = "/Channel/Orderer";
        RequireKnown(
            Path, orderer, knownGroups: null,
            ConfigKeys.ConsensusType, ConfigKeys.BatchSize, ConfigKeys.BatchTimeout, ConfigKeys.ChannelRestrictions,
            ConfigKeys.Capabilities, ConfigKeys.Orderers);
        foreach ((string name, ConfigGroup group) in InOrder(orderer))
        {
            string path = $"{Path}/{name}";
            RequireKnown(path, group, [], ConfigKeys.Msp, ConfigKeys.Endpoints);
            if (ReadMsp(path, group) is not { } msp)
                return;

            _ordererOrganizations.Add((name, msp.MspId));
            if (Capabilities.HasOrganizationEndpoints)
                ReadEndpoints(path, group, msp);
        }

        ReadGlobalAddresses();
        ReadOrderingRules(Path, orderer);
    }

    private void ReadOrderingRules(string path, ConfigGroup orderer)
    {
        ConsensusType consensus = Value(path, orderer, ConfigKeys.ConsensusType, ConsensusType.Parser) ?? new();
        if (consensus.Type != ConfigKeys.EtcdRaft)
            Refuse($"its consensus type is '{consensus.Type}', only {ConfigKeys.EtcdRaft} is supported");

        BatchSize size = Value(path, orderer, ConfigKeys.BatchSize, BatchSize.Parser) ?? new();
        if (size.MaxMessageCount is 0 or > Limits.BlockEnvelopesMax)
            Refuse($"BatchSize.max_message_count is {size.MaxMessageCount}, not 1 to {Limits.BlockEnvelopesMax}");
        if (size.AbsoluteMaxBytes is 0 or > Limits.EnvelopeBytesMax)
            Refuse($"BatchSize.absolute_max_bytes is {size.AbsoluteMaxBytes}, not 1 to {Limits.EnvelopeBytesMax}");
        if (size.PreferredMaxBytes == 0 || size.PreferredMaxBytes > size.AbsoluteMaxBytes)
            Refuse($"BatchSize.preferred_max_bytes is {size.PreferredMaxBytes}, not 1 to absolute_max_bytes");

        string text = Value(path, orderer, ConfigKeys.BatchTimeout, BatchTimeout.Parser)?.Timeout ?? "";
        if (!GoDuration.TryParse(text, out TimeSpan timeout) || timeout <= TimeSpan.Zero)
            Refuse($"BatchTimeout is '{text}', expected a duration such as 2s or 250ms");
        if (_endpoints.Count == 0)
            Refuse("it names no orderer address");

        Orderer = new OrdererSettings
        {
            MaxMessageCount = size.MaxMessageCount,
            AbsoluteMaxBytes = size.AbsoluteMaxBytes,
            PreferredMaxBytes = size.PreferredMaxBytes,
            BatchTimeout = timeout,
            ConsensusType = consensus.Type,
            State = consensus.State,
            Organizations = _ordererOrganizations,
            Endpoints = _endpoints,
            Consenters = ConsentersOf(consensus),
        };
    }

    // Who orders is each orderer's own affair, so what cannot be read hinders nobody else.
    private static ConsenterPlace[] ConsentersOf(ConsensusType consensus) =>
        TryParse(consensus.Metadata, ConfigMetadata.Parser, out ConfigMetadata? metadata)
            ? [.. metadata.Consenters.Select(one => new ConsenterPlace(
                one.Host, (int)one.Port, one.ClientTlsCert.Memory, one.ServerTlsCert.Memory))]
            : [];

    private void ReadEndpoints(string path, ConfigGroup group, Membership.Msp msp)
    {
        OrdererAddresses addresses = Value(path, group, ConfigKeys.Endpoints, OrdererAddresses.Parser) ?? new();
        if (addresses.Addresses.Count == 0 && Capabilities.IsChannelV3)
            Refuse($"{path} names no Endpoints, which capability V3_0 requires");

        AddEndpoints($"{path}/{ConfigKeys.Endpoints}", addresses, msp.MspId, msp.TlsRootPems);
    }

    private void ReadGlobalAddresses()
    {
        OrdererAddresses addresses =
            Value(PolicyTree.Root, channel, ConfigKeys.OrdererAddresses, OrdererAddresses.Parser) ?? new();
        if (addresses.Addresses.Count > 0 && Capabilities.IsChannelV3)
            Refuse("it has channel-wide OrdererAddresses, which capability V3_0 forbids");
        if (_endpoints.Count > 0)
            return;

        // An address of the channel as a whole may belong to any orderer organisation.
        IEnumerable<ReadOnlyMemory<byte>> roots = _ordererOrganizations.SelectMany(org => _msps[org.MspId].TlsRootPems);
        AddEndpoints($"{PolicyTree.Root}/{ConfigKeys.OrdererAddresses}", addresses, default, [.. roots]);
    }

    private void AddEndpoints(
        string path, OrdererAddresses addresses, MspId mspId, IReadOnlyList<ReadOnlyMemory<byte>> tlsRoots)
    {
        foreach (string address in addresses.Addresses)
        {
            if (Endpoint.TryParse(address, out Endpoint endpoint))
                _endpoints.Add(new OrdererEndpoint(mspId, endpoint.Host, endpoint.Port, tlsRoots));
            else
                Refuse($"{path} holds '{address}', which is not host:port");
        }
    }

    private void ReadApplication(ConfigGroup application)
    {
        const string Path = "/Channel/Application";
        HasApplication = true;
        RequireKnown(Path, application, knownGroups: null, ConfigKeys.Acls, ConfigKeys.Capabilities);
        foreach ((string name, ConfigGroup group) in InOrder(application))
        {
            string path = $"{Path}/{name}";
            RequireKnown(path, group, [], ConfigKeys.Msp, ConfigKeys.AnchorPeers);
            if (ReadMsp(path, group) is not { } msp)
                return;

            AnchorPeers anchors = Value(path, group, ConfigKeys.AnchorPeers, AnchorPeers.Parser) ?? new();
            if (anchors.AnchorPeers_.Any(peer => peer.Host.Length == 0 || peer.Port is < 1 or > ushort.MaxValue))
                Refuse($"{path}/{ConfigKeys.AnchorPeers} holds an address without host or a valid port");

            Endpoint[] peers = [.. anchors.AnchorPeers_.Select(peer => new Endpoint(peer.Host, peer.Port))];
            _applicationOrganizations.Add(new ApplicationOrganization(name, msp.MspId, peers, msp.TlsRootPems));
        }

        ACLs acls = Value(Path, application, ConfigKeys.Acls, ACLs.Parser) ?? new();
        if (acls.Acls.Any(acl => acl.Value.PolicyRef.Length == 0))
            Refuse($"{Path}/{ConfigKeys.Acls} holds a resource without policy");

        Acls = acls.Acls.ToDictionary(acl => acl.Key, acl => acl.Value.PolicyRef, StringComparer.Ordinal);
    }

    private Membership.Msp? ReadMsp(string path, ConfigGroup group)
    {
        const int X509 = 0;
        MSPConfig? outer = Value(path, group, ConfigKeys.Msp, MSPConfig.Parser);
        if (outer is null)
            return Refuse($"{path} has no {ConfigKeys.Msp}");
        if (outer.Type != X509)
            return Refuse($"{path}/{ConfigKeys.Msp} is of type {outer.Type}, only X.509 (0) is supported");
        if (!TryParse(outer.Config, FabricMSPConfig.Parser, out FabricMSPConfig? config))
            return Refuse($"{path}/{ConfigKeys.Msp} is malformed");
        if (!MspId.TryParse(config.Name, out MspId id, out string? fault))
            return Refuse($"{path}/{ConfigKeys.Msp}: {fault}");

        if (_msps.TryGetValue(id, out Membership.Msp? known))
        {
            // The same organisation may stand in several groups, with one definition.
            return _mspConfigs[id].Span.SequenceEqual(outer.Config.Span)
                ? known
                : Refuse($"{path} defines the MSP {id} differently from another group");
        }

        if (!Membership.Msp.TryCreate(config, Capabilities.MspRules, out Membership.Msp? msp, out fault))
            return Refuse($"{path}/{ConfigKeys.Msp}: {fault}");

        _msps.Add(id, msp);
        _mspConfigs.Add(id, outer.Config.Memory);
        return msp;
    }

    // The order of a protobuf map is not part of the configuration, and must not become part of ours.
    private static IEnumerable<KeyValuePair<string, ConfigGroup>> InOrder(ConfigGroup group) =>
        group.Groups.OrderBy(entry => entry.Key, StringComparer.Ordinal);

    private void RequireKnown(string path, ConfigGroup group, string[]? knownGroups, params string[] knownValues)
    {
        foreach (string key in group.Values.Keys.Except(knownValues).Order(StringComparer.Ordinal))
            Refuse($"it has the value {path}/{key}, which is not known");

        if (knownGroups is null)
            return;

        foreach (string key in group.Groups.Keys.Except(knownGroups).Order(StringComparer.Ordinal))
            Refuse($"it has the group {path}/{key}, which is not known");
    }

    private T? Value<T>(string path, ConfigGroup group, string key, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        if (!group.Values.TryGetValue(key, out ConfigValue? value))
            return null;
        if (TryParse(value.Value, parser, out T? message))
            return message;

        Refuse($"the value {path}/{key} is malformed");
        return null;
    }

    private static bool TryParse<T>(
        ByteString bytes, MessageParser<T> parser, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }

    private Membership.Msp? Refuse(string fault)
    {
        _fault ??= fault;
        return null;
    }
}
