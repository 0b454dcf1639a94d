using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol.Wire.Common;
using ImplicitMetaMessage = Node.Protocol.Wire.Common.ImplicitMetaPolicy;
using PolicyMessage = Node.Protocol.Wire.Common.Policy;

namespace Node.Membership.Channels;

/// <summary>Writes the policies of a configuration tree.</summary>
internal static class ConfigPolicies
{
    public static PolicyMessage Implicit(ImplicitMetaMessage.Types.Rule rule, string name) => new()
    {
        Type = (int)PolicyMessage.Types.PolicyType.ImplicitMeta,
        Value = new ImplicitMetaMessage { Rule = rule, SubPolicy = name }.ToByteString(),
    };

    /// <param name="text">In the policy language; ours, so a fault is a bug.</param>
    public static PolicyMessage Signature(string text)
    {
        bool valid = TryParse(text, out PolicyMessage? policy, out string? fault);
        Node.Protocol.Invariant.Require(valid && policy is not null, fault ?? "");
        return policy;
    }

    /// <summary>Reads "ANY|ALL|MAJORITY name", as configtx.yaml has it, or the policy language.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PolicyMessage? policy, [NotNullWhen(false)] out string? fault)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 2 && RuleOf(words[0]) is { } rule && ConfigForm.FaultOfKey(words[1]) is null)
        {
            policy = Implicit(rule, words[1]);
            fault = null;
            return true;
        }

        if (!SignaturePolicy.TryParse(text, out SignaturePolicyEnvelope? envelope, out PolicySyntaxFault? syntax))
        {
            policy = null;
            fault = $"{syntax.Message}, or ANY, ALL or MAJORITY and a policy name";
            return false;
        }

        policy = new PolicyMessage
        {
            Type = (int)PolicyMessage.Types.PolicyType.Signature,
            Value = envelope.ToByteString(),
        };
        fault = null;
        return true;
    }

    private static ImplicitMetaMessage.Types.Rule? RuleOf(string word) => word switch
    {
        "ANY" => ImplicitMetaMessage.Types.Rule.Any,
        "ALL" => ImplicitMetaMessage.Types.Rule.All,
        "MAJORITY" => ImplicitMetaMessage.Types.Rule.Majority,
        _ => null,
    };
}
