using System.Diagnostics.CodeAnalysis;
using System.Text;
using Google.Protobuf;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Validating;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Proving;

/// <summary>
/// Finds the endorsement policies by which a transaction of the past was judged: those of the contract it called and of
/// every contract it wrote to, as they stood before its block.
/// </summary>
/// <remarks>
/// Read from the history of the definitions, so that later changes do not matter. Policies of single keys leave no
/// history; what depends on them is not proven.
/// </remarks>
internal static class PoliciesInForce
{
    /// <param name="block">The transaction's own.</param>
    /// <param name="policies">By contract name in byte order.</param>
    public static bool TryFind(
        ChannelLedger ledger,
        ChannelConfig config,
        DecodedTransaction transaction,
        ulong block,
        [NotNullWhen(true)] out List<PolicyInForce>? policies,
        [NotNullWhen(false)] out string? fault)
    {
        policies = null;
        var found = new SortedDictionary<string, PolicyInForce>(StringComparer.Ordinal);
        using StateSnapshot state = ledger.Snapshot();
        foreach ((string contract, List<string> collections) in Judged(transaction))
        {
            if (ledger.HasKeyPolicies(contract))
            {
                fault = $"keys of the contract {contract} have endorsement policies of their own, whose past is not " +
                    "kept, so no receipt can show which of them applied";
                return false;
            }

            if (OwnPolicyAmong(state, contract, collections, block) is { } collection)
            {
                fault = $"it writes to the collection {collection} of {contract}, which has an endorsement policy of " +
                    "its own; receipts carry those of contracts only";
                return false;
            }

            if (!TryFindPolicy(state, config, contract, block, out ReadOnlyMemory<byte> policy))
            {
                fault = $"the contract {contract} had no definition before block {block}";
                return false;
            }

            found[contract] = new PolicyInForce(contract, policy);
        }

        policies = [.. found.Values];
        fault = null;
        return true;
    }

    // The contract that was called is judged in any case, others where they were written to.
    private static List<(string Contract, List<string> Collections)> Judged(DecodedTransaction transaction)
    {
        DecodedReadWriteSet set = transaction.ReadWriteSet;
        string called = transaction.ContractName;
        var judged = new List<(string, List<string>)>();
        bool calledIsInSet = false;
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            string name = Encoding.UTF8.GetString(set.Of(ns.Name));
            var collections = new List<string>();
            foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
            {
                if (collection.Writes.Count > 0 || collection.MetadataWrites.Count > 0)
                    collections.Add(Encoding.UTF8.GetString(set.Of(collection.Name)));
            }

            calledIsInSet |= name == called;
            if (name == called || ns.Writes.Count > 0 || ns.MetadataWrites.Count > 0 || collections.Count > 0)
                judged.Add((name, collections));
        }

        if (!calledIsInSet)
            judged.Add((called, []));

        return judged;
    }

    private static bool TryFindPolicy(
        StateSnapshot state, ChannelConfig config, string contract, ulong block, out ReadOnlyMemory<byte> policy)
    {
        if (contract == ContractDefinitions.LifecycleNamespace)
        {
            policy = EndorsementPolicies.LifecycleDefinition(config).ApplicationPolicyBytes;
            return true;
        }

        policy = default;
        if (!TryReadField(state, contract, "ValidationInfo", block, out StateData? data)
            || !TryParse(ChaincodeValidationInfo.Parser, data, out ChaincodeValidationInfo? validation))
            return false;

        policy = validation.ValidationParameter.Memory;
        return true;
    }

    private static string? OwnPolicyAmong(StateSnapshot state, string contract, List<string> collections, ulong block)
    {
        if (collections.Count == 0
            || !TryReadField(state, contract, "Collections", block, out StateData? data)
            || !TryParse(CollectionConfigPackage.Parser, data, out CollectionConfigPackage? package))
            return null;

        return package.Config.Select(collection => collection.StaticCollectionConfig)
            .FirstOrDefault(settings => settings is { EndorsementPolicy: not null }
                && collections.Contains(settings.Name))?.Name;
    }

    private static bool TryReadField(
        StateSnapshot state, string contract, string field, ulong block, [NotNullWhen(true)] out StateData? data)
    {
        data = null;
        string key = $"namespaces/fields/{contract}/{field}";
        foreach (HistoryRecord record in state.History(
            ContractDefinitions.LifecycleNamespace, key, newestFirst: true, after: null))
        {
            // Definitions are in force for the block after the one that changed them.
            if (record.Version.Block >= block)
                continue;

            return !record.IsDelete && TryParseState(record.Value.Span, out data);
        }

        return false;
    }

    private static bool TryParseState(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StateData? data)
    {
        try
        {
            data = StateData.Parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            data = null;
            return false;
        }
    }

    private static bool TryParse<T>(MessageParser<T> parser, StateData data, [NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        message = null;
        if (data.TypeCase != StateData.TypeOneofCase.Bytes)
            return false;

        try
        {
            message = parser.ParseFrom(data.Bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
