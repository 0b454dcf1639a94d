using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Channels;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.EtcdRaft;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;
using CapabilitiesMessage = Node.Protocol.Wire.Common.Capabilities;
using ConsenterMessage = Node.Protocol.Wire.EtcdRaft.Consenter;
using PolicyMessage = Node.Protocol.Wire.Common.Policy;

namespace Node.Membership.Changing;

/// <summary>A channel's configuration while somebody changes it. One owner.</summary>
/// <remarks>
/// Each change is refused with a sentence when it names something that is not there or cannot be. Nothing is checked
/// about who may make it: that is for the signatures.
/// </remarks>
public sealed class ConfigDraft
{
    private readonly ChannelConfig _current;
    private readonly ConfigGroup _group;

    public ConfigDraft(ChannelConfig current)
    {
        _current = current;
        _group = current.Config.ChannelGroup.Clone();
    }

    private ConfigGroup Application => _group.Groups[ConfigKeys.Application];

    private ConfigGroup Orderer => _group.Groups[ConfigKeys.Orderer];

    /// <summary>The update that makes this draft of the current configuration, unsigned.</summary>
    public bool TryFinish([NotNullWhen(true)] out ConfigUpdate? update, [NotNullWhen(false)] out string? fault)
    {
        update = null;
        return ChannelConfig.TryCreate(
                _current.Id,
                new Config { Sequence = _current.Sequence + 1, ChannelGroup = _group },
                out _,
                out fault)
            && ConfigComparison.TryCompute(_current.Id, _current.Config.ChannelGroup, _group, out update, out fault);
    }

    /// <summary>Null leaves a limit as it is.</summary>
    public void SetBatch(uint? maxMessages, uint? preferredBytes, uint? absoluteBytes)
    {
        BatchSize size = BatchSize.Parser.ParseFrom(Orderer.Values[ConfigKeys.BatchSize].Value);
        size.MaxMessageCount = maxMessages ?? size.MaxMessageCount;
        size.PreferredMaxBytes = preferredBytes ?? size.PreferredMaxBytes;
        size.AbsoluteMaxBytes = absoluteBytes ?? size.AbsoluteMaxBytes;
        Orderer.Values[ConfigKeys.BatchSize].Value = size.ToByteString();
    }

    public void SetBatchTimeout(TimeSpan timeout) =>
        Orderer.Values[ConfigKeys.BatchTimeout].Value =
            new BatchTimeout { Timeout = GoDuration.Format(timeout) }.ToByteString();

    /// <param name="path">As "Application/Endorsement" or "Orderer/BlockValidation"; "Readers" is the
    /// channel's.</param>
    /// <param name="text">"MAJORITY Endorsement" or in the policy language.</param>
    public bool TrySetPolicy(string path, string text, [NotNullWhen(false)] out string? fault)
    {
        if (!ConfigPolicies.TryParse(text, out PolicyMessage? policy, out fault))
        {
            fault = $"the policy {path}: {fault}";
            return false;
        }

        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        ConfigGroup? holder = _group;
        foreach (string part in parts[..^1])
            holder = holder?.Groups.GetValueOrDefault(part);

        if (holder is null || !holder.Policies.TryGetValue(parts[^1], out ConfigPolicy? place))
        {
            fault = $"the channel has no policy {path}; known: {string.Join(", ", PolicyPaths(_group, ""))}";
            return false;
        }

        place.Policy = policy;
        fault = null;
        return true;
    }

    /// <summary>Replaces the revocation lists of one organisation.</summary>
    /// <param name="organization">The key of its group or its MSP id.</param>
    /// <param name="pems">One PEM "X509 CRL" each; none revokes nobody.</param>
    public bool TrySetRevocationLists(
        string organization, IReadOnlyList<byte[]> pems, [NotNullWhen(false)] out string? fault)
    {
        if (!TryFind(organization, out ConfigGroup? group, out fault))
            return false;

        MSPConfig msp = MSPConfig.Parser.ParseFrom(group.Values[ConfigKeys.Msp].Value);
        FabricMSPConfig config = FabricMSPConfig.Parser.ParseFrom(msp.Config);
        config.RevocationList.Clear();
        config.RevocationList.Add(pems.Select(pem => ByteString.CopyFrom(pem)));
        msp.Config = config.ToByteString();
        group.Values[ConfigKeys.Msp].Value = msp.ToByteString();
        return true;
    }

    /// <summary>Replaces what makes an organisation: its roots, units, administrators and revocation lists.</summary>
    /// <param name="organization">The key of its group or its MSP id, which stays as it is.</param>
    public bool TrySetMembership(
        string organization, FabricMSPConfig config, [NotNullWhen(false)] out string? fault)
    {
        if (!TryFind(organization, out ConfigGroup? group, out fault))
            return false;

        MSPConfig msp = MSPConfig.Parser.ParseFrom(group.Values[ConfigKeys.Msp].Value);
        config.Name = FabricMSPConfig.Parser.ParseFrom(msp.Config).Name;
        msp.Config = config.ToByteString();
        group.Values[ConfigKeys.Msp].Value = msp.ToByteString();
        return true;
    }

    /// <summary>Where an organisation's peers are found.</summary>
    public bool TrySetPeers(
        string organization, IReadOnlyList<Endpoint> peers, [NotNullWhen(false)] out string? fault)
    {
        if (!TryFind(organization, out ConfigGroup? group, out fault))
            return false;

        var anchors = new AnchorPeers();
        anchors.AnchorPeers_.Add(peers.Select(peer => new AnchorPeer { Host = peer.Host, Port = peer.Port }));
        Set(group, ConfigKeys.AnchorPeers, anchors);
        return true;
    }

    /// <summary>Where an orderer organisation's orderers are found.</summary>
    public bool TrySetOrderers(
        string organization, IReadOnlyList<Endpoint> orderers, [NotNullWhen(false)] out string? fault)
    {
        if (!TryFind(organization, out ConfigGroup? group, out fault))
            return false;

        var addresses = new OrdererAddresses();
        addresses.Addresses.Add(orderers.Select(endpoint => endpoint.ToString()));
        Set(group, ConfigKeys.Endpoints, addresses);
        return true;
    }

    /// <summary>Names one more orderer: where it is found, and that it orders.</summary>
    /// <param name="organization">Of orderers.</param>
    /// <param name="certificate">Its TLS certificate, PEM.</param>
    public bool TryAddOrderer(
        string organization, Endpoint orderer, byte[] certificate, [NotNullWhen(false)] out string? fault)
    {
        if (!TryFindOrdering(organization, out ConfigGroup? group, out fault))
            return false;
        ConfigMetadata metadata = ReadConsenters();
        OrdererAddresses addresses = ReadAddresses(group);
        if (!Certificate.TryReadPem(certificate, out _, out string? unreadable))
            fault = $"the TLS certificate of {orderer}: {unreadable}";
        else if (addresses.Addresses.Contains(orderer.ToString()) || Find(metadata, orderer) is not null)
            fault = $"the channel has an orderer {orderer} already";
        if (fault is not null)
            return false;

        addresses.Addresses.Add(orderer.ToString());
        Set(group, ConfigKeys.Endpoints, addresses);
        metadata.Consenters.Add(new ConsenterMessage
        {
            Host = orderer.Host,
            Port = (uint)orderer.Port,
            ClientTlsCert = ByteString.CopyFrom(certificate),
            ServerTlsCert = ByteString.CopyFrom(certificate),
        });
        WriteConsenters(metadata);
        return true;
    }

    /// <summary>Names an orderer no longer; it orders nothing from then on.</summary>
    public bool TryRemoveOrderer(Endpoint orderer, [NotNullWhen(false)] out string? fault)
    {
        bool found = false;
        foreach ((string name, _) in _current.Orderer.Organizations)
        {
            OrdererAddresses addresses = ReadAddresses(Orderer.Groups[name]);
            if (!addresses.Addresses.Remove(orderer.ToString()))
                continue;

            found = true;
            Set(Orderer.Groups[name], ConfigKeys.Endpoints, addresses);
        }

        ConfigMetadata metadata = ReadConsenters();
        if (Find(metadata, orderer) is { } consenter)
        {
            found = true;
            metadata.Consenters.Remove(consenter);
            WriteConsenters(metadata);
        }

        fault = found
            ? null
            : $"the channel has no orderer {orderer}; it has {string.Join(", ", _current.Orderer.Endpoints)}";
        return found;
    }

    /// <summary>Which policy guards a resource, as "peer/Propose"; an empty policy leaves it to the default.</summary>
    public void SetAcl(string resource, string policy)
    {
        ACLs acls = Application.Values.TryGetValue(ConfigKeys.Acls, out ConfigValue? value)
            ? ACLs.Parser.ParseFrom(value.Value)
            : new ACLs();
        if (policy.Length == 0)
            acls.Acls.Remove(resource);
        else
            acls.Acls[resource] = new APIResource { PolicyRef = policy };

        Set(Application, ConfigKeys.Acls, acls);
    }

    /// <summary>Demands of every node that it knows a capability.</summary>
    /// <param name="part">"Channel", "Orderer" or "Application".</param>
    public bool TrySetCapability(string part, string name, [NotNullWhen(false)] out string? fault)
    {
        ConfigGroup? group = part switch
        {
            "Channel" => _group,
            "Orderer" => Orderer,
            "Application" => Application,
            _ => null,
        };
        if (group is null)
        {
            fault = $"capabilities are of Channel, Orderer or Application, not of {part}";
            return false;
        }

        fault = null;
        var capabilities = new CapabilitiesMessage();
        capabilities.Capabilities_.Add(name, new Capability());
        Set(group, ConfigKeys.Capabilities, capabilities);
        return true;
    }

    /// <summary>Takes an organisation in, with Fabric's default policies.</summary>
    /// <param name="msp">As <see cref="MspFolder"/> reads it.</param>
    public bool TryAddOrganization(
        string name, FabricMSPConfig msp, IReadOnlyList<Endpoint> peers, [NotNullWhen(false)] out string? fault)
    {
        fault = ConfigForm.FaultOfKey(name) is { } unfit ? $"the name {name} {unfit}" : null;
        if (fault is null && Application.Groups.ContainsKey(name))
            fault = $"the channel has an organisation {name} already";
        if (fault is not null)
            return false;

        string id = msp.Name;
        var anchors = new AnchorPeers();
        anchors.AnchorPeers_.Add(peers.Select(peer => new AnchorPeer { Host = peer.Host, Port = peer.Port }));
        ConfigGroup group = ConfigTree.Group()
            .With("Readers", ConfigPolicies.Signature($"OR('{id}.admin', '{id}.peer', '{id}.client')"))
            .With("Writers", ConfigPolicies.Signature($"OR('{id}.admin', '{id}.client')"))
            .With("Admins", ConfigPolicies.Signature($"OR('{id}.admin')"))
            .With("Endorsement", ConfigPolicies.Signature($"OR('{id}.peer')"))
            .With(ConfigKeys.Msp, new MSPConfig { Type = 0, Config = msp.ToByteString() });
        Application.Groups.Add(name, peers.Count == 0 ? group : group.With(ConfigKeys.AnchorPeers, anchors));
        return true;
    }

    /// <param name="organization">The key of its group or its MSP id; of the endorsing organisations.</param>
    public bool TryRemoveOrganization(string organization, [NotNullWhen(false)] out string? fault)
    {
        string? key = _current.ApplicationOrganizations
            .FirstOrDefault(org => org.Name == organization || org.MspId.Value == organization)?.Name;
        fault = key is null ? Unknown(organization) : null;
        return key is not null && Application.Groups.Remove(key);
    }

    private static void Set(ConfigGroup group, string key, IMessage value)
    {
        if (group.Values.TryGetValue(key, out ConfigValue? place))
            place.Value = value.ToByteString();
        else
            group.With(key, value);
    }

    private bool TryFind(
        string organization, [NotNullWhen(true)] out ConfigGroup? group, [NotNullWhen(false)] out string? fault)
    {
        group = Holding(Application, _current.ApplicationOrganizations.Select(org => (org.Name, org.MspId)))
            ?? Holding(Orderer, _current.Orderer.Organizations);
        fault = group is null ? Unknown(organization) : null;
        return group is not null;

        ConfigGroup? Holding(ConfigGroup holder, IEnumerable<(string Name, MspId MspId)> organizations)
        {
            string? key = organizations
                .FirstOrDefault(org => org.Name == organization || org.MspId.Value == organization).Name;
            return key is null ? null : holder.Groups.GetValueOrDefault(key);
        }
    }

    private bool TryFindOrdering(
        string organization, [NotNullWhen(true)] out ConfigGroup? group, [NotNullWhen(false)] out string? fault)
    {
        string? key = _current.Orderer.Organizations
            .FirstOrDefault(org => org.Name == organization || org.MspId.Value == organization).Name;
        group = key is null ? null : Orderer.Groups.GetValueOrDefault(key);
        fault = group is null
            ? $"the channel has no organisation {organization} of orderers; it has "
                + string.Join(", ", _current.Orderer.Organizations.Select(org => org.Name))
            : null;
        return group is not null;
    }

    private static OrdererAddresses ReadAddresses(ConfigGroup group) =>
        group.Values.TryGetValue(ConfigKeys.Endpoints, out ConfigValue? value)
            ? OrdererAddresses.Parser.ParseFrom(value.Value)
            : new OrdererAddresses();

    private ConfigMetadata ReadConsenters() => ConfigMetadata.Parser.ParseFrom(
        ConsensusType.Parser.ParseFrom(Orderer.Values[ConfigKeys.ConsensusType].Value).Metadata);

    private void WriteConsenters(ConfigMetadata metadata)
    {
        ConfigValue place = Orderer.Values[ConfigKeys.ConsensusType];
        ConsensusType consensus = ConsensusType.Parser.ParseFrom(place.Value);
        consensus.Metadata = metadata.ToByteString();
        place.Value = consensus.ToByteString();
    }

    private static ConsenterMessage? Find(ConfigMetadata metadata, Endpoint orderer) =>
        metadata.Consenters.FirstOrDefault(one => one.Host == orderer.Host && one.Port == (uint)orderer.Port);

    private string Unknown(string organization) =>
        $"the channel has no organisation {organization}; it has "
        + string.Join(
            ", ", _current.ApplicationOrganizations.Select(org => org.Name)
                .Concat(_current.Orderer.Organizations.Select(org => org.Name)));

    private static IEnumerable<string> PolicyPaths(ConfigGroup group, string path) =>
        group.Policies.Keys.Order(StringComparer.Ordinal).Select(name => path + name)
            .Concat(group.Groups.Keys.Order(StringComparer.Ordinal)
                .SelectMany(key => PolicyPaths(group.Groups[key], $"{path}{key}/")));
}
