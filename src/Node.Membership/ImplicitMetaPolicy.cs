using PolicyMessage = Node.Protocol.Wire.Common.ImplicitMetaPolicy;

namespace Node.Membership;

/// <summary>Asks the policies of one name in all direct child groups of a configuration group, and counts.</summary>
/// <remarks>
/// A child group without that policy counts as one that says no. Without child groups it is satisfied.
/// </remarks>
public sealed class ImplicitMetaPolicy : Policy
{
    private readonly (string Group, Policy? Policy)[] _children;
    private readonly string _name;
    private readonly int _threshold;

    internal ImplicitMetaPolicy(PolicyMessage message, IEnumerable<(string Group, Policy? Policy)> children)
    {
        _name = message.SubPolicy;
        _children = [.. children.OrderBy(child => child.Group, StringComparer.Ordinal)];
        _threshold = message.Rule switch
        {
            PolicyMessage.Types.Rule.Any => Math.Min(1, _children.Length),
            PolicyMessage.Types.Rule.All => _children.Length,
            _ => _children.Length == 0 ? 0 : (_children.Length / 2) + 1,
        };
    }

    public override bool IsSatisfiedBy(ReadOnlySpan<Identity> signers)
    {
        int remaining = _threshold;
        foreach ((_, Policy? policy) in _children)
        {
            if (remaining == 0)
                break;
            if (policy is not null && policy.IsSatisfiedBy(signers))
                remaining--;
        }

        return remaining == 0;
    }

    public override string Describe()
    {
        IEnumerable<string> parts = _children.Select(child => $"{child.Group}: {child.Policy?.Describe() ?? "nobody"}");
        return $"{_name} of {_threshold} of {_children.Length} ({string.Join("; ", parts)})";
    }

    private protected override string DescribeMissing(ReadOnlySpan<Identity> signers)
    {
        var missing = new List<string>();
        int passed = 0;
        foreach ((string group, Policy? policy) in _children)
        {
            if (policy is not null && policy.IsSatisfiedBy(signers))
                passed++;
            else
                missing.Add(group);
        }

        int lacking = _threshold - passed;
        return lacking <= 0 ? "" : $"{_name} of {lacking} more of {string.Join(", ", missing)}";
    }
}
