using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using RuleMessage = Node.Protocol.Wire.Common.SignaturePolicy;

namespace Node.Membership.Policies;

/// <summary>Reads the policy language. Stops at the first fault and says where.</summary>
/// <remarks>
/// Grammar: rule = principal | ("AND" | "OR") "(" rule { "," rule } ")" | "OutOf" "(" number { "," rule } ")".
/// A principal stands in single or double quotes. Names of gates are taken in any case; Fabric takes three of them.
/// </remarks>
internal sealed class PolicyTextParser
{
    private const string AnyRule = "AND(, OR(, OutOf( or a principal such as 'Org1MSP.peer'";
    private static readonly string[] s_roles = ["member", "admin", "client", "peer", "orderer"];
    private readonly SignaturePolicyEnvelope _envelope = new();
    private readonly string _text;
    private int _at;
    private int _rules;
    private PolicySyntaxFault? _fault;

    private PolicyTextParser(string text) => _text = text;

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SignaturePolicyEnvelope? envelope,
        [NotNullWhen(false)] out PolicySyntaxFault? fault)
    {
        var parser = new PolicyTextParser(text);
        envelope = parser.Parse();
        fault = parser._fault;
        return fault is null && envelope is not null;
    }

    private SignaturePolicyEnvelope? Parse()
    {
        if (_text.Length > MembershipLimits.PolicyCharsMax)
        {
            Fail(0, $"the text has {_text.Length} characters, at most {MembershipLimits.PolicyCharsMax} are read");
            return null;
        }

        RuleMessage? rule = ParseRule(depth: 0);
        if (rule is null)
            return null;
        if (Peek() != '\0')
        {
            Fail(_at, FoundHere(), "the end");
            return null;
        }

        // A lone principal stands below a gate too: that is how it looks on the wire.
        if (rule.TypeCase == RuleMessage.TypeOneofCase.SignedBy)
            rule = new RuleMessage { NOutOf = new RuleMessage.Types.NOutOf { N = 1, Rules = { rule } } };

        _envelope.Rule = rule;
        return _envelope;
    }

    private RuleMessage? ParseRule(int depth)
    {
        char next = Peek();
        int start = _at;
        if (depth > Limits.PolicyDepthMax || ++_rules > Limits.PolicyNodesMax)
            return Fail(start, $"found more than {Limits.PolicyDepthMax} levels or {Limits.PolicyNodesMax} rules");
        if (next is '\'' or '"')
            return ParsePrincipal(next);
        if (!char.IsAsciiLetter(next))
            return Fail(start, FoundHere(), AnyRule);

        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
            _at++;

        string name = _text[start.._at];
        bool isAnd = name.Equals("AND", StringComparison.OrdinalIgnoreCase);
        bool isOr = name.Equals("OR", StringComparison.OrdinalIgnoreCase);
        if (!isAnd && !isOr && !name.Equals("OutOf", StringComparison.OrdinalIgnoreCase))
            return Fail(start, $"found {Shorten(name)}", AnyRule);

        return Take('(') ? ParseGate(isAnd, isOr, depth) : null;
    }

    private RuleMessage? ParseGate(bool isAnd, bool isOr, int depth)
    {
        int required = 1;
        int requiredAt = _at;
        if (!isAnd && !isOr && (!TryParseNumber(out required, out requiredAt) || !Take(',')))
            return null;

        var gate = new RuleMessage.Types.NOutOf();
        do
        {
            if (ParseRule(depth + 1) is not { } rule)
                return null;

            gate.Rules.Add(rule);
        }
        while (TakeIf(','));

        if (!TakeIf(')'))
            return Fail(_at, FoundHere(), "','", "')'");

        gate.N = isAnd ? gate.Rules.Count : required;
        if (gate.N > gate.Rules.Count)
        {
            int count = gate.Rules.Count;
            return Fail(requiredAt, $"{gate.N} of {count} can never be satisfied", $"at most {count}");
        }

        return new RuleMessage { NOutOf = gate };
    }

    private RuleMessage? ParsePrincipal(char quote)
    {
        int start = _at;
        int end = _text.IndexOf(quote, start + 1);
        if (end < 0)
            return Fail(start, "found a principal without a closing quote", $"{quote} at its end");

        string principal = _text[(start + 1)..end];
        int dot = principal.LastIndexOf('.');
        if (dot <= 0)
            return Fail(start + 1, $"found {Shorten(principal)}", "an MSP id, a dot and a role");

        int role = Array.IndexOf(s_roles, principal[(dot + 1)..]);
        if (role < 0)
            return Fail(start + dot + 2, $"found the role {Shorten(principal[(dot + 1)..])}", s_roles);

        for (int i = 0; i < dot; i++)
        {
            if (!char.IsAsciiLetterOrDigit(principal[i]) && principal[i] is not ('.' or '-'))
                return Fail(start + 1 + i, $"found {Shown(principal[i])} in an MSP id", "letters, digits, '.' and '-'");
        }

        if (!MspId.TryParse(principal[..dot], out MspId mspId, out string? fault))
            return Fail(start + 1, fault);
        if (_envelope.Identities.Count == Limits.PolicyPrincipalsMax)
            return Fail(start, $"found more than {Limits.PolicyPrincipalsMax} principals");

        _at = end + 1;
        return Leaf(mspId, role);
    }

    private RuleMessage Leaf(MspId mspId, int role)
    {
        var principal = new MSPRole
        {
            MspIdentifier = mspId.Value,
            Role = (MSPRole.Types.MSPRoleType)role,   // s_roles is in the order of the message's numbers.
        };
        _envelope.Identities.Add(new MSPPrincipal
        {
            PrincipalClassification = MSPPrincipal.Types.Classification.Role,
            Principal = principal.ToByteString(),
        });
        return new RuleMessage { SignedBy = _envelope.Identities.Count - 1 };
    }

    private bool TryParseNumber(out int number, out int start)
    {
        Peek();
        start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;

        if (int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;

        string found = start == _at ? FoundHere() : "found a number that is too large";
        Fail(start, found, "how many rules must be satisfied");
        return false;
    }

    private bool Take(char wanted)
    {
        if (TakeIf(wanted))
            return true;

        Fail(_at, FoundHere(), $"'{wanted}'");
        return false;
    }

    private bool TakeIf(char wanted)
    {
        if (Peek() != wanted)
            return false;

        _at++;
        return true;
    }

    /// <summary>The next character that is no space; '\0' at the end.</summary>
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private string FoundHere() => _at >= _text.Length ? "found the end" : $"found {Shown(_text[_at])}";

    private static string Shown(char c) => char.IsControl(c) || char.IsSurrogate(c) ? "a special character" : $"'{c}'";

    private static string Shorten(string text) => text.Length <= 40 ? $"'{text}'" : $"'{text[..40]}…'";

    private RuleMessage? Fail(int at, string found, params string[] expected)
    {
        _fault ??= new PolicySyntaxFault(_text, at + 1, found, expected);
        return null;
    }
}
