using System.Diagnostics.CodeAnalysis;
using Node.Contracts.Provenance.Policies;

namespace Node.Contracts.Provenance;

/// <summary>The door of every write: who may write a key, and the option writers, which says so from now on.</summary>
/// <remarks>
/// A key without policies costs two reads: whether it has one of its own, and which prefixes have one.
/// </remarks>
internal static class KeyWriters
{
    /// <summary>Asks whether the client may write the key, and changes its policy when the options say so.</summary>
    /// <param name="requested">The option writers: null leaves the policy, an empty list opens the key.</param>
    public static bool TryEnter(
        IContractContext context,
        string key,
        IReadOnlyList<string>? requested,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        refusal = PolicyRules.RefusalOfWrite(context, key);
        if (refusal is not null || requested is null)
            return refusal is null;

        var scope = new PolicyScope(IsPrefix: false, key);
        refusal = PolicyRules.RefusalOfChange(context, scope);
        if (refusal is not null)
            return false;

        if (requested.Count == 0)
            PolicyStore.Remove(context.State, scope);
        else
            PolicyStore.Write(context.State, scope, WritePolicy.OfOrganizations(requested));
        return true;
    }
}
