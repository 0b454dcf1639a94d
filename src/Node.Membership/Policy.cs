namespace Node.Membership;

/// <summary>Decides whether a set of signers is enough.</summary>
/// <remarks>
/// Immutable; any thread; no clock. The same signers in the same order give the same answer on every node.
/// </remarks>
public abstract class Policy
{
    /// <param name="signers">
    /// Resolved, their signatures verified, each identity once, in the order of the signatures.
    /// </param>
    public abstract bool IsSatisfiedBy(ReadOnlySpan<Identity> signers);

    /// <summary>Who has to sign, in words that complete "this needs …".</summary>
    public abstract string Describe();

    /// <summary>For refusals: what is needed, who signed, and what is missing.</summary>
    public virtual string Explain(ReadOnlySpan<Identity> signers)
    {
        string missing = DescribeMissing(signers);
        string needed = missing.Length == 0 ? Describe() : $"{Describe()}; missing: {missing}";
        return $"needs {needed}; signed by {DescribeSigners(signers)}";
    }

    /// <summary>Names what no signer stood for; empty when nothing in particular can be named.</summary>
    private protected virtual string DescribeMissing(ReadOnlySpan<Identity> signers) => "";

    private static string DescribeSigners(ReadOnlySpan<Identity> signers)
    {
        const int NamedMax = 8;
        if (signers.IsEmpty)
            return "nobody";

        var names = new List<string>();
        foreach (Identity signer in signers)
        {
            if (names.Count == NamedMax)
                return $"{string.Join(", ", names)} and {signers.Length - NamedMax} more";

            string role = signer.Role == NodeRole.None ? "" : $" ({signer.Role.ToString().ToLowerInvariant()})";
            names.Add($"{signer.CommonName} of {signer.MspId}{role}");
        }

        return string.Join(", ", names);
    }
}
