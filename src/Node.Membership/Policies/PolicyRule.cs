namespace Node.Membership.Policies;

/// <summary>A node of a signature policy. A leaf takes one unused signer; a gate counts the rules below it.</summary>
internal abstract class PolicyRule
{
    /// <param name="used">One flag per signer, set for those that were spent. Meaningless after a false answer.</param>
    /// <param name="missing">When given, receives the leaves that found nobody, below gates that did not open.</param>
    public abstract bool Evaluate(ReadOnlySpan<Identity> signers, Span<bool> used, List<string>? missing);

    public abstract string Describe();
}

internal sealed class SignerRule(Principal principal) : PolicyRule
{
    public override bool Evaluate(ReadOnlySpan<Identity> signers, Span<bool> used, List<string>? missing)
    {
        // Greedy, as Fabric: the first one that fits is spent, though a later rule may have needed just that one.
        for (int i = 0; i < signers.Length; i++)
        {
            if (!used[i] && principal.IsSatisfiedBy(signers[i]))
            {
                used[i] = true;
                return true;
            }
        }

        missing?.Add(principal.Describe());
        return false;
    }

    public override string Describe() => principal.Describe();
}

internal sealed class GateRule(int required, PolicyRule[] rules) : PolicyRule
{
    /// <summary>Up to here the flags of signers lie on the stack.</summary>
    public const int StackSignersMax = 64;

    public override bool Evaluate(ReadOnlySpan<Identity> signers, Span<bool> used, List<string>? missing)
    {
        Span<bool> scratch = signers.Length <= StackSignersMax
            ? stackalloc bool[StackSignersMax]
            : new bool[signers.Length];
        scratch = scratch[..signers.Length];
        List<string>? below = missing is null ? null : [];
        int passed = 0;
        foreach (PolicyRule rule in rules)
        {
            // Every rule is tried, even past the threshold: what one spends is gone for the rules behind this gate.
            used.CopyTo(scratch);
            if (rule.Evaluate(signers, scratch, below))
            {
                passed++;
                scratch.CopyTo(used);
            }
        }

        if (passed < required && below is not null)
            missing?.Add(DescribeLack(below, required - passed));

        return passed >= required;
    }

    public override string Describe()
    {
        if (rules.Length == 1 && required == 1)
            return rules[0].Describe();

        string list = string.Join(", ", rules.Select(rule => rule.Describe()));
        if (required == rules.Length)
            return $"all of ({list})";

        return required == 1 ? $"any of ({list})" : $"{required} of ({list})";
    }

    private static string DescribeLack(List<string> below, int lacking) =>
        below.Count <= lacking ? string.Join(" and ", below) : $"{lacking} of ({string.Join(", ", below)})";
}
