using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Validating;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;
using MSPPrincipal = Node.Protocol.Wire.Common.MSPPrincipal;
using MSPRole = Node.Protocol.Wire.Common.MSPRole;

namespace Node.Peer.Committing;

/// <summary>Reads one definition from the public state of <c>_lifecycle</c> (wire reference, B17).</summary>
/// <remarks>
/// Keys: <c>namespaces/metadata/NAME</c> and <c>namespaces/fields/NAME/FIELD</c>; values are StateData. What a
/// transaction with enough endorsements wrote there may still be nonsense: then there is no definition.
/// </remarks>
internal static class DefinitionReader
{
    public static bool TryRead(
        StateSnapshot state, string name, ChannelConfig config, [NotNullWhen(true)] out ContractDefinition? definition)
    {
        definition = null;
        if (!TryReadField(state, name, "Sequence", out StateData? sequence)
            || !TryReadField(state, name, "EndorsementInfo", out StateData? endorsement)
            || !TryReadField(state, name, "ValidationInfo", out StateData? validation)
            || !TryParse(ChaincodeEndorsementInfo.Parser, endorsement, out ChaincodeEndorsementInfo? endorsementInfo)
            || !TryParse(ChaincodeValidationInfo.Parser, validation, out ChaincodeValidationInfo? validationInfo))
            return false;

        var collections = new Dictionary<string, Policy>(StringComparer.Ordinal);
        var members = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (TryReadField(state, name, "Collections", out StateData? data)
            && TryParse(CollectionConfigPackage.Parser, data, out CollectionConfigPackage? package))
        {
            AddCollectionPolicies(package, config, collections);
            AddCollectionMembers(package, members);
        }

        definition = new ContractDefinition(
            name,
            endorsementInfo.Version,
            sequence.Int64,
            endorsementInfo.InitRequired,
            EndorsementPolicies.OfApplicationPolicy(config, validationInfo.ValidationParameter.Span),
            validationInfo.ValidationParameter.Memory,
            collections)
        {
            CollectionMembers = members,
        };
        return true;
    }

    private static void AddCollectionPolicies(
        CollectionConfigPackage package, ChannelConfig config, Dictionary<string, Policy> policies)
    {
        foreach (CollectionConfig collection in package.Config)
        {
            if (collection.StaticCollectionConfig is { EndorsementPolicy: { } policy } settings)
                policies[settings.Name] = EndorsementPolicies.OfApplicationPolicy(config, policy);
        }
    }

    private static void AddCollectionMembers(
        CollectionConfigPackage package, Dictionary<string, IReadOnlyList<string>> members)
    {
        foreach (CollectionConfig collection in package.Config)
        {
            if (collection.StaticCollectionConfig is { MemberOrgsPolicy.SignaturePolicy: { } policy } settings)
            {
                members[settings.Name] =
                    [.. policy.Identities.Select(OrganizationOf).Where(mspId => mspId.Length > 0).Distinct()];
            }
        }
    }

    // Empty for principals that name no role.
    private static string OrganizationOf(MSPPrincipal principal) =>
        principal.PrincipalClassification == MSPPrincipal.Types.Classification.Role
        && TryParse(MSPRole.Parser, principal.Principal.Span, out MSPRole? role)
            ? role.MspIdentifier
            : "";

    private static bool TryReadField(
        StateSnapshot state, string name, string field, [NotNullWhen(true)] out StateData? data)
    {
        data = null;
        string key = $"namespaces/fields/{name}/{field}";
        return state.TryGet(ContractDefinitions.LifecycleNamespace, key, out StateValue value)
            && TryParse(StateData.Parser, value.Value.Span, out data);
    }

    private static bool TryParse<T>(MessageParser<T> parser, StateData data, [NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        message = null;
        return data.TypeCase == StateData.TypeOneofCase.Bytes && TryParse(parser, data.Bytes.Span, out message);
    }

    private static bool TryParse<T>(
        MessageParser<T> parser, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out T? message)
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
}
