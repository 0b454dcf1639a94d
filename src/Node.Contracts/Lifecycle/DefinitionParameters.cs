using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;

namespace Node.Contracts.Lifecycle;

/// <summary>
/// What an organisation approves and the channel commits: a contract's version and policies, without its sequence.
/// </summary>
/// <param name="Fields">Encoded as they lie in state, by field name, in the order of their metadata.</param>
internal sealed record DefinitionParameters(
    ChaincodeEndorsementInfo Endorsement,
    ChaincodeValidationInfo Validation,
    CollectionConfigPackage Collections,
    IReadOnlyList<(string Name, byte[] Value)> Fields)
{
    public const string EndorsementField = "EndorsementInfo";
    public const string ValidationField = "ValidationInfo";
    public const string CollectionsField = "Collections";

    private const string EndorsementPluginDefault = "escc";
    private const string ValidationPluginDefault = "vscc";
    private const string EndorsementPolicyDefault = "/Channel/Application/Endorsement";

    /// <summary>Checks what a client asks for, with Fabric's defaults for what it leaves empty.</summary>
    public static bool TryCreate(
        CommitChaincodeDefinitionArgs args,
        [NotNullWhen(true)] out DefinitionParameters? parameters,
        [NotNullWhen(false)] out string? fault)
    {
        parameters = null;
        fault = DefinitionNames.FaultOf(args.Name, args.Version) ?? FaultOfPolicy(args.ValidationParameter);
        if (fault is not null)
            return false;

        parameters = Of(
            new ChaincodeEndorsementInfo
            {
                Version = args.Version,
                InitRequired = args.InitRequired,
                EndorsementPlugin =
                    args.EndorsementPlugin.Length > 0 ? args.EndorsementPlugin : EndorsementPluginDefault,
            },
            new ChaincodeValidationInfo
            {
                ValidationPlugin = args.ValidationPlugin.Length > 0 ? args.ValidationPlugin : ValidationPluginDefault,
                ValidationParameter = args.ValidationParameter.Length > 0 ? args.ValidationParameter : DefaultPolicy(),
            },
            args.Collections ?? new CollectionConfigPackage());
        return true;
    }

    public static DefinitionParameters Of(
        ChaincodeEndorsementInfo endorsement,
        ChaincodeValidationInfo validation,
        CollectionConfigPackage collections) =>
        new(endorsement, validation, collections,
        [
            (EndorsementField, Encode(endorsement)),
            (ValidationField, Encode(validation)),
            (CollectionsField, Encode(collections)),
        ]);

    /// <summary>
    /// The policy that a contract has when its definition names none: the channel's Endorsement policy.
    /// </summary>
    private static ByteString DefaultPolicy() =>
        new ApplicationPolicy { ChannelConfigPolicyReference = EndorsementPolicyDefault }.ToByteString();

    /// <summary>A definition with a policy that nobody can read would lock its contract for ever.</summary>
    private static string? FaultOfPolicy(ByteString parameter)
    {
        if (parameter.Length == 0)
            return null;

        try
        {
            ApplicationPolicy policy = ApplicationPolicy.Parser.ParseFrom(parameter);
            bool isUsable = policy.TypeCase switch
            {
                ApplicationPolicy.TypeOneofCase.SignaturePolicy => policy.SignaturePolicy.Rule is not null,
                ApplicationPolicy.TypeOneofCase.ChannelConfigPolicyReference =>
                    policy.ChannelConfigPolicyReference.Length > 0,
                _ => false,
            };
            return isUsable ? null : "the validation parameter is an application policy without a rule";
        }
        catch (InvalidProtocolBufferException)
        {
            return "the validation parameter is no application policy";
        }
    }

    private static byte[] Encode(IMessage field) => new StateData { Bytes = field.ToByteString() }.ToByteArray();
}

/// <summary>Which names and versions a definition may have.</summary>
internal static class DefinitionNames
{
    // The system contracts of Fabric: a definition under such a name could never be invoked.
    private static readonly string[] s_reserved = ["cscc", "escc", "lscc", "qscc", "vscc"];

    public static string? FaultOf(string name, string version) => FaultOfName(name) ?? FaultOfVersion(version);

    /// <summary>Runs of letters and digits, joined by single '-' or '_'.</summary>
    public static string? FaultOfName(string name)
    {
        if (name.Length is 0 or > Limits.NamespaceBytesMax)
            return $"a chaincode name has 1 to {Limits.NamespaceBytesMax} characters, this one has {name.Length}";
        if (Array.IndexOf(s_reserved, name) >= 0)
            return $"the chaincode name {name} is reserved";

        bool mayJoin = false;
        foreach (char c in name)
        {
            bool isJoint = c is '-' or '_';
            if (isJoint ? !mayJoin : !char.IsAsciiLetterOrDigit(c))
                return $"invalid chaincode name {Quoted.Text(name)}: letters and digits, joined by single '-' or '_'";
            mayJoin = !isJoint;
        }

        return mayJoin ? null : $"invalid chaincode name {Quoted.Text(name)}: it ends in a joint";
    }

    private static string? FaultOfVersion(string version)
    {
        if (version.Length is 0 or > Limits.NamespaceBytesMax)
            return $"a chaincode version has 1 to {Limits.NamespaceBytesMax} characters, this one has {version.Length}";

        foreach (char c in version)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '+' or '-'))
                return $"invalid chaincode version {Quoted.Text(version)}: letters, digits, '_', '.', '+' and '-'";
        }

        return null;
    }
}
