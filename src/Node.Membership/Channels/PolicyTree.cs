using Google.Protobuf;
using Node.Protocol.Wire.Common;
using ImplicitMetaMessage = Node.Protocol.Wire.Common.ImplicitMetaPolicy;

namespace Node.Membership.Channels;

/// <summary>Every policy of a configuration by its absolute path.</summary>
internal sealed class PolicyTree
{
    public const string Root = "/Channel";
    private readonly Dictionary<string, Policy> _policies = new(StringComparer.Ordinal);

    public Policy? Find(string path) => _policies.GetValueOrDefault(path);

    /// <summary>Reads the policies of a group and of all groups below it.</summary>
    /// <returns>Names the policy that cannot be read; null when all can.</returns>
    public string? Add(string path, ConfigGroup group)
    {
        // Children first: an implicit-meta policy holds theirs.
        foreach ((string name, ConfigGroup child) in group.Groups)
        {
            if (Add($"{path}/{name}", child) is { } fault)
                return fault;
        }

        foreach ((string name, ConfigPolicy policy) in group.Policies)
        {
            if (Add(path, name, policy, group) is { } fault)
                return $"the policy {path}/{name} {fault}";
        }

        return null;
    }

    private string? Add(string path, string name, ConfigPolicy policy, ConfigGroup group)
    {
        if (policy.Policy is not { } message)
            return "is empty";

        try
        {
            switch ((Node.Protocol.Wire.Common.Policy.Types.PolicyType)message.Type)
            {
                case Node.Protocol.Wire.Common.Policy.Types.PolicyType.Signature:
                    SignaturePolicyEnvelope envelope = SignaturePolicyEnvelope.Parser.ParseFrom(message.Value);
                    if (!SignaturePolicy.TryCreate(envelope, out SignaturePolicy? signature, out string? fault))
                        return $"is not acceptable: {fault}";

                    _policies[$"{path}/{name}"] = signature;
                    return null;
                case Node.Protocol.Wire.Common.Policy.Types.PolicyType.ImplicitMeta:
                    ImplicitMetaMessage meta = ImplicitMetaMessage.Parser.ParseFrom(message.Value);
                    if (!Enum.IsDefined(meta.Rule))
                        return $"has the unknown rule {(int)meta.Rule}";

                    _policies[$"{path}/{name}"] = new ImplicitMetaPolicy(
                        meta, group.Groups.Keys.Select(child => (child, Find($"{path}/{child}/{meta.SubPolicy}"))));
                    return null;
                default:
                    return $"is of the unknown type {message.Type}";
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return "is malformed";
        }
    }
}
