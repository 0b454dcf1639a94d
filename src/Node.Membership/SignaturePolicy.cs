using System.Diagnostics.CodeAnalysis;
using Node.Membership.Policies;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using RuleMessage = Node.Protocol.Wire.Common.SignaturePolicy;

namespace Node.Membership;

/// <summary>
/// A tree of gates whose leaves name who must sign. Evaluated greedily, left to right, as Fabric does.
/// </summary>
public sealed class SignaturePolicy : Policy
{
    private readonly PolicyRule _root;

    private SignaturePolicy(PolicyRule root, SignaturePolicyEnvelope envelope)
    {
        _root = root;
        Envelope = envelope;
    }

    /// <summary>What it was made from. Not to be changed.</summary>
    public SignaturePolicyEnvelope Envelope { get; }

    /// <summary>
    /// Reads the policy language: AND(…), OR(…), OutOf(n, …) over 'MSPID.role', role being member, admin, client,
    /// peer or
    /// orderer.
    /// </summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SignaturePolicyEnvelope? envelope,
        [NotNullWhen(false)] out PolicySyntaxFault? fault) =>
        PolicyTextParser.TryParse(text, out envelope, out fault);

    /// <summary>
    /// Text that <see cref="TryParse"/> reads back. Principals without a spelling there stand in angle brackets.
    /// </summary>
    public static string Format(SignaturePolicyEnvelope envelope) => PolicyTextFormat.Format(envelope);

    /// <summary>Checks version, indexes and size of a policy from outside.</summary>
    public static bool TryCreate(
        SignaturePolicyEnvelope envelope,
        [NotNullWhen(true)] out SignaturePolicy? policy,
        [NotNullWhen(false)] out string? fault)
    {
        policy = null;
        if (envelope.Version != 0)
        {
            fault = $"a signature policy has version 0, this one has {envelope.Version}";
            return false;
        }

        if (envelope.Identities.Count > Limits.PolicyPrincipalsMax)
        {
            int count = envelope.Identities.Count;
            fault = $"a policy names at most {Limits.PolicyPrincipalsMax} principals, this one names {count}";
            return false;
        }

        Principal[] principals = [.. envelope.Identities.Select(Principal.Create)];
        int nodes = 0;
        if (!TryCompile(envelope.Rule, principals, depth: 0, ref nodes, out PolicyRule? root, out fault))
            return false;

        policy = new SignaturePolicy(root, envelope);
        return true;
    }

    public override bool IsSatisfiedBy(ReadOnlySpan<Identity> signers)
    {
        Span<bool> used = signers.Length <= GateRule.StackSignersMax
            ? stackalloc bool[GateRule.StackSignersMax]
            : new bool[signers.Length];
        return _root.Evaluate(signers, used[..signers.Length], missing: null);
    }

    public override string Describe() => _root.Describe();

    private protected override string DescribeMissing(ReadOnlySpan<Identity> signers)
    {
        var missing = new List<string>();
        _root.Evaluate(signers, new bool[signers.Length], missing);
        return string.Join(" and ", missing);
    }

    private static bool TryCompile(
        RuleMessage? rule,
        Principal[] principals,
        int depth,
        ref int nodes,
        [NotNullWhen(true)] out PolicyRule? compiled,
        [NotNullWhen(false)] out string? fault)
    {
        compiled = null;
        if (depth > Limits.PolicyDepthMax || ++nodes > Limits.PolicyNodesMax)
        {
            fault = $"a policy is at most {Limits.PolicyDepthMax} deep and has at most {Limits.PolicyNodesMax} rules";
            return false;
        }

        switch (rule?.TypeCase)
        {
            case RuleMessage.TypeOneofCase.SignedBy:
                return TryCompileLeaf(rule.SignedBy, principals, out compiled, out fault);
            case RuleMessage.TypeOneofCase.NOutOf:
                return TryCompileGate(rule.NOutOf, principals, depth, ref nodes, out compiled, out fault);
            default:
                fault = "a rule of the policy is empty";
                return false;
        }
    }

    private static bool TryCompileLeaf(
        int index,
        Principal[] principals,
        [NotNullWhen(true)] out PolicyRule? compiled,
        [NotNullWhen(false)] out string? fault)
    {
        bool known = index >= 0 && index < principals.Length;
        compiled = known ? new SignerRule(principals[index]) : null;
        fault = known ? null : $"a rule asks for principal {index}, the policy names {principals.Length}";
        return known;
    }

    private static bool TryCompileGate(
        RuleMessage.Types.NOutOf gate,
        Principal[] principals,
        int depth,
        ref int nodes,
        [NotNullWhen(true)] out PolicyRule? compiled,
        [NotNullWhen(false)] out string? fault)
    {
        compiled = null;
        fault = null;
        if (gate.Rules.Count > Limits.PolicyNodesMax)
        {
            fault = $"a gate of the policy has {gate.Rules.Count} rules, at most {Limits.PolicyNodesMax} are allowed";
            return false;
        }

        var rules = new PolicyRule[gate.Rules.Count];
        for (int i = 0; i < rules.Length; i++)
        {
            if (!TryCompile(gate.Rules[i], principals, depth + 1, ref nodes, out PolicyRule? rule, out fault))
                return false;

            rules[i] = rule;
        }

        compiled = new GateRule(gate.N, rules);
        return true;
    }
}
