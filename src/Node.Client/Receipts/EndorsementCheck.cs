using System.Diagnostics.CodeAnalysis;
using System.Text;
using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Hyperprov;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using Policy = Node.Membership.Policy;
using SignaturePolicy = Node.Membership.SignaturePolicy;

namespace Node.Client.Receipts;

/// <summary>
/// Decides again, from signatures alone, whether a transaction was endorsed as the policies of the contracts that it
/// touches demand.
/// </summary>
internal sealed class EndorsementCheck(ChannelConfig config, DateTimeOffset time)
{
    private const string ImplicitCollectionPrefix = "_implicit_org_";

    /// <param name="policies">Those that the attestations name.</param>
    /// <param name="endorsers">Each once, signature verified.</param>
    public bool TryCheck(
        DecodedTransaction transaction,
        IReadOnlyList<ContractPolicy> policies,
        out List<Identity> endorsers,
        [NotNullWhen(false)] out string? fault)
    {
        endorsers = [];
        fault = FaultOfSignatures(transaction, endorsers);
        if (fault is not null)
            return false;

        var byContract = new Dictionary<string, Policy>(StringComparer.Ordinal);
        foreach (ContractPolicy policy in policies)
        {
            if (!TryRead(policy.Policy, out Policy? read, out fault))
            {
                fault = $"the endorsement policy of {policy.Contract} cannot be evaluated: {fault}";
                return false;
            }

            if (!byContract.TryAdd(policy.Contract, read))
            {
                fault = $"it carries two endorsement policies of {policy.Contract}";
                return false;
            }
        }

        fault = FaultOfContracts(transaction, byContract, [.. endorsers]);
        return fault is null;
    }

    private string? FaultOfSignatures(DecodedTransaction transaction, List<Identity> endorsers)
    {
        if (transaction.Endorsements.Length > Limits.EndorsementsMax)
            return $"it has more than {Limits.EndorsementsMax} endorsements";

        ReadOnlySpan<byte> payload = transaction.ProposalResponsePayload.Span;
        foreach (ref readonly DecodedEndorsement endorsement in transaction.Endorsements)
        {
            ReadOnlySpan<byte> endorser = transaction.Of(endorsement.Endorser);
            if (!config.TryResolve(endorser, out Identity? identity, out string? fault))
                return $"an endorser is no member of the channel: {fault}";
            if (!identity.Verify([.. payload, .. endorser], transaction.Of(endorsement.Signature)))
                return $"the endorsement of {identity} does not fit the transaction";
            if (ReceiptTime.FaultOf(identity, time) is { } expired)
                return $"the endorser {expired}";

            if (!endorsers.Exists(identity.IsSameAs))
                endorsers.Add(identity);
        }

        return null;
    }

    // The same rules as a peer's: docs of Fabric's key-level validation without policies of single keys.
    private string? FaultOfContracts(
        DecodedTransaction transaction, Dictionary<string, Policy> policies, Identity[] endorsers)
    {
        DecodedReadWriteSet set = transaction.ReadWriteSet;
        string called = transaction.ContractName;
        var judged = new HashSet<string>(StringComparer.Ordinal);
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            string name = Encoding.UTF8.GetString(set.Of(ns.Name));
            string[] collections = CollectionsWritten(set, ns);
            bool writes = ns.Writes.Count > 0 || ns.MetadataWrites.Count > 0;
            if (name != called && !writes && collections.Length == 0)
                continue;

            judged.Add(name);
            bool ownPolicyCounts = writes || collections.Length == 0;
            if (FaultOfContract(name, collections, ownPolicyCounts, policies, endorsers) is { } fault)
                return fault;
        }

        if (judged.Add(called) && FaultOfContract(called, [], true, policies, endorsers) is { } uncalled)
            return uncalled;

        string? surplus = policies.Keys.FirstOrDefault(name => !judged.Contains(name));
        return surplus is null ? null : $"it carries a policy of {surplus}, which the transaction does not touch";
    }

    private string? FaultOfContract(
        string contract,
        string[] collections,
        bool ownPolicyCounts,
        Dictionary<string, Policy> policies,
        Identity[] endorsers)
    {
        if (!policies.TryGetValue(contract, out Policy? policy))
            return $"it carries no endorsement policy of {contract}, to which the transaction belongs";

        foreach (string collection in collections)
        {
            bool isImplicit = collection.StartsWith(ImplicitCollectionPrefix, StringComparison.Ordinal);
            if (!isImplicit)
                ownPolicyCounts = true;
            else if (FaultOfImplicit(collection, endorsers) is { } fault)
                return fault;
        }

        return !ownPolicyCounts || policy.IsSatisfiedBy(endorsers)
            ? null
            : $"the endorsement policy of {contract} {policy.Explain(endorsers)}";
    }

    private string? FaultOfImplicit(string collection, Identity[] endorsers)
    {
        string mspId = collection[ImplicitCollectionPrefix.Length..];
        ApplicationOrganization? organization =
            config.ApplicationOrganizations.FirstOrDefault(known => known.MspId.Value == mspId);
        Policy? policy = organization is null
            ? null
            : config.FindPolicy($"/Channel/Application/{organization.Name}/Endorsement");
        if (policy is null)
            return $"the channel has no Endorsement policy of {mspId} for the collection {collection}";

        return policy.IsSatisfiedBy(endorsers)
            ? null
            : $"the Endorsement policy of {mspId} for the collection {collection} {policy.Explain(endorsers)}";
    }

    private static string[] CollectionsWritten(DecodedReadWriteSet set, in DecodedNamespace ns)
    {
        var names = new List<string>();
        foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
        {
            if (collection.Writes.Count > 0 || collection.MetadataWrites.Count > 0)
                names.Add(Encoding.UTF8.GetString(set.Of(collection.Name)));
        }

        return [.. names];
    }

    private bool TryRead(
        ByteString bytes, [NotNullWhen(true)] out Policy? policy, [NotNullWhen(false)] out string? fault)
    {
        policy = null;
        ApplicationPolicy message;
        try
        {
            message = ApplicationPolicy.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            fault = "its bytes are no policy";
            return false;
        }

        if (message.TypeCase == ApplicationPolicy.TypeOneofCase.SignaturePolicy)
        {
            bool created = SignaturePolicy.TryCreate(
                message.SignaturePolicy, out SignaturePolicy? signatures, out fault);
            policy = signatures;
            return created && policy is not null;
        }

        policy = message.TypeCase == ApplicationPolicy.TypeOneofCase.ChannelConfigPolicyReference
            ? config.FindPolicy(message.ChannelConfigPolicyReference)
            : null;
        fault = policy is null ? "the channel's configuration has no such policy" : null;
        return policy is not null;
    }
}
