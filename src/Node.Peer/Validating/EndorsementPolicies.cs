using System.Text;
using Google.Protobuf;
using Node.Membership;
using Node.Peer.Committing;
using Node.Protocol.Wire.Common;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using Policy = Node.Membership.Policy;
using SignaturePolicy = Node.Membership.SignaturePolicy;

namespace Node.Peer.Validating;

/// <summary>Turns the places where an endorsement policy may stand into policies that can be evaluated.</summary>
/// <remarks>
/// Bytes that are no policy give one that nobody satisfies: every peer judges them alike, and nobody can stop a channel
/// by committing them.
/// </remarks>
internal static class EndorsementPolicies
{
    public const string ImplicitCollectionPrefix = "_implicit_org_";

    private const string LifecyclePath = "/Channel/Application/LifecycleEndorsement";

    /// <summary>Reads an encoded ApplicationPolicy, as definitions carry it.</summary>
    public static Policy OfApplicationPolicy(ChannelConfig config, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return OfApplicationPolicy(config, ApplicationPolicy.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException)
        {
            return RejectAllPolicy.Instance;
        }
    }

    public static Policy OfApplicationPolicy(ChannelConfig config, ApplicationPolicy policy) => policy.TypeCase switch
    {
        ApplicationPolicy.TypeOneofCase.SignaturePolicy => OfSignaturePolicy(policy.SignaturePolicy),
        ApplicationPolicy.TypeOneofCase.ChannelConfigPolicyReference =>
            config.FindPolicy(policy.ChannelConfigPolicyReference) ?? RejectAllPolicy.Instance,
        _ => RejectAllPolicy.Instance,
    };

    /// <summary>
    /// Reads an encoded SignaturePolicyEnvelope, as the metadata VALIDATION_PARAMETER of a key carries it.
    /// </summary>
    public static Policy OfKey(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return OfSignaturePolicy(SignaturePolicyEnvelope.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException)
        {
            return RejectAllPolicy.Instance;
        }
    }

    /// <summary>The organisation's Endorsement policy, or any of its members where it has none.</summary>
    public static Policy OfImplicitCollection(ChannelConfig config, string collection)
    {
        ReadOnlySpan<char> mspId = collection.AsSpan(ImplicitCollectionPrefix.Length);
        foreach (ApplicationOrganization organization in config.ApplicationOrganizations)
        {
            if (mspId.SequenceEqual(organization.MspId.Value))
            {
                return config.FindPolicy($"/Channel/Application/{organization.Name}/Endorsement")
                    ?? MembersOf([organization], required: 1);
            }
        }

        return RejectAllPolicy.Instance;
    }

    /// <summary>
    /// LifecycleEndorsement, or one member each of a majority of organisations where the channel has none.
    /// </summary>
    public static ContractDefinition LifecycleDefinition(ChannelConfig config)
    {
        IReadOnlyList<ApplicationOrganization> organizations = config.ApplicationOrganizations;
        Policy policy = config.FindPolicy(LifecyclePath) ?? MembersOf(organizations, (organizations.Count / 2) + 1);
        var reference = new ApplicationPolicy { ChannelConfigPolicyReference = LifecyclePath };
        return new ContractDefinition(
            ContractDefinitions.LifecycleNamespace,
            Version: "syscc",
            Sequence: 0,
            InitRequired: false,
            policy,
            reference.ToByteArray(),
            CollectionPolicies: new Dictionary<string, Policy>(StringComparer.Ordinal));
    }

    private static Policy OfSignaturePolicy(SignaturePolicyEnvelope envelope) =>
        SignaturePolicy.TryCreate(envelope, out SignaturePolicy? policy, out _) ? policy : RejectAllPolicy.Instance;

    private static Policy MembersOf(IReadOnlyList<ApplicationOrganization> organizations, int required)
    {
        var text = new StringBuilder().Append("OutOf(").Append(required);
        foreach (ApplicationOrganization organization in organizations)
            text.Append(", '").Append(organization.MspId.Value).Append(".member'");

        return SignaturePolicy.TryParse(text.Append(')').ToString(), out SignaturePolicyEnvelope? envelope, out _)
            ? OfSignaturePolicy(envelope)
            : RejectAllPolicy.Instance;
    }
}
