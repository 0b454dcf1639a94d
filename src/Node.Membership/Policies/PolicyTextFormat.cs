using System.Globalization;
using System.Text;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using RuleMessage = Node.Protocol.Wire.Common.SignaturePolicy;

namespace Node.Membership.Policies;

/// <summary>Writes signature policies as text.</summary>
internal static class PolicyTextFormat
{
    public static string Format(SignaturePolicyEnvelope envelope)
    {
        var text = new StringBuilder();
        Append(text, envelope.Rule, envelope.Identities, depth: 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, RuleMessage? rule, IList<MSPPrincipal> principals, int depth)
    {
        if (depth > Limits.PolicyDepthMax)
        {
            text.Append("<deeper>");
            return;
        }

        switch (rule?.TypeCase)
        {
            case RuleMessage.TypeOneofCase.SignedBy:
                int index = rule.SignedBy;
                text.Append(index >= 0 && index < principals.Count ? Format(principals[index]) : "<unknown principal>");
                break;
            case RuleMessage.TypeOneofCase.NOutOf:
                AppendGate(text, rule.NOutOf, principals, depth);
                break;
            default:
                text.Append("<empty>");
                break;
        }
    }

    private static void AppendGate(
        StringBuilder text, RuleMessage.Types.NOutOf gate, IList<MSPPrincipal> principals, int depth)
    {
        if (gate.N == gate.Rules.Count && gate.N > 1)
            text.Append("AND(");
        else if (gate.N == 1 && gate.Rules.Count > 0)
            text.Append("OR(");
        else
            text.Append(CultureInfo.InvariantCulture, $"OutOf({gate.N}, ");

        for (int i = 0; i < gate.Rules.Count; i++)
        {
            if (i > 0)
                text.Append(", ");

            Append(text, gate.Rules[i], principals, depth + 1);
        }

        text.Append(')');
    }

    private static string Format(MSPPrincipal principal)
    {
        if (principal.PrincipalClassification != MSPPrincipal.Types.Classification.Role)
            return $"<{Principal.Create(principal).Describe()}>";

        try
        {
            MSPRole role = MSPRole.Parser.ParseFrom(principal.Principal);
            return $"'{role.MspIdentifier}.{role.Role.ToString().ToLowerInvariant()}'";
        }
        catch (InvalidProtocolBufferException)
        {
            return "<malformed principal>";
        }
    }
}
