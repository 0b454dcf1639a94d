using System.Collections.Frozen;

namespace Node.Membership.Channels;

/// <summary>Which policy of a channel guards which resource, where its ACLs value does not say.</summary>
internal static class AclDefaults
{
    private const string Writers = "/Channel/Application/Writers";
    private const string Readers = "/Channel/Application/Readers";

    /// <summary>For resources that the table does not know: no policy has this path, so nobody passes.</summary>
    public const string Nobody = "/Channel/Application/NoSuchResource";

    private static readonly FrozenDictionary<string, string> s_paths = new Dictionary<string, string>
    {
        ["peer/Propose"] = Writers,
        ["peer/ChaincodeToChaincode"] = Writers,
        ["_lifecycle/CommitChaincodeDefinition"] = Writers,
        ["_lifecycle/QueryChaincodeDefinition"] = Writers,
        ["_lifecycle/QueryChaincodeDefinitions"] = Writers,
        ["_lifecycle/CheckCommitReadiness"] = Writers,
        ["discovery/Discover"] = Writers,
        ["qscc/GetChainInfo"] = Readers,
        ["qscc/GetBlockByNumber"] = Readers,
        ["qscc/GetBlockByHash"] = Readers,
        ["qscc/GetTransactionByID"] = Readers,
        ["qscc/GetBlockByTxID"] = Readers,
        ["cscc/GetConfigBlock"] = Readers,
        ["cscc/GetChannelConfig"] = Readers,
        ["lscc/ChaincodeExists"] = Readers,
        ["lscc/GetDeploymentSpec"] = Readers,
        ["lscc/GetChaincodeData"] = Readers,
        ["lscc/GetInstantiatedChaincodes"] = Readers,
        ["lscc/GetCollectionsConfig"] = Readers,
        ["event/Block"] = Readers,
        ["event/FilteredBlock"] = Readers,
        ["gateway/CommitStatus"] = Readers,
        ["gateway/ChaincodeEvents"] = Readers,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string PathOf(string resource) => s_paths.GetValueOrDefault(resource, Nobody);
}
