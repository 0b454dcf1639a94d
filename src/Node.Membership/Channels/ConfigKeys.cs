namespace Node.Membership.Channels;

/// <summary>The keys of Fabric's configuration tree, and of the values in it.</summary>
internal static class ConfigKeys
{
    public const string Application = "Application";
    public const string Orderer = "Orderer";
    public const string Consortiums = "Consortiums";

    public const string HashingAlgorithm = "HashingAlgorithm";
    public const string BlockDataHashingStructure = "BlockDataHashingStructure";
    public const string OrdererAddresses = "OrdererAddresses";
    public const string Consortium = "Consortium";
    public const string Capabilities = "Capabilities";

    public const string ConsensusType = "ConsensusType";
    public const string BatchSize = "BatchSize";
    public const string BatchTimeout = "BatchTimeout";
    public const string ChannelRestrictions = "ChannelRestrictions";
    public const string Orderers = "Orderers";

    public const string Msp = "MSP";
    public const string Endpoints = "Endpoints";
    public const string AnchorPeers = "AnchorPeers";
    public const string Acls = "ACLs";

    public const string Sha256 = "SHA256";

    /// <summary>The only width of BlockDataHashingStructure: one flat hash.</summary>
    public const uint FlatHashWidth = uint.MaxValue;

    public const string EtcdRaft = "etcdraft";
}
