namespace Node.Peer.Gateways;

/// <summary>Names under which the channel configuration may replace a default policy (fabric-wire B8).</summary>
internal static class AclResources
{
    public const string CommitStatus = "gateway/CommitStatus";
    public const string ChaincodeEvents = "gateway/ChaincodeEvents";
}
